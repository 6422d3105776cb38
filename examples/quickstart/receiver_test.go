package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// trusting returns a receiver that is not listening, and a function that posts a signed message to it.
func trusting(t *testing.T) (*receiver, func(path, id string) int) {
	t.Helper()
	r := &receiver{verifiers: map[string]signature.Verifier{}, messages: map[string]*message{}}
	secret, err := signature.NewSecret(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.trust("/hook", secret); err != nil {
		t.Fatal(err)
	}
	signer, err := signature.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	return r, func(path, id string) int {
		t.Helper()
		now := time.Now()
		signed, err := signer.Sign(id, now, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, path, bytes.NewReader([]byte("{}")))
		req.Header.Set(signature.HeaderID, id)
		req.Header.Set(signature.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
		req.Header.Set(signature.HeaderSignature, signed)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		return w.Code
	}
}

func TestReceiverAcceptsOnlyWhatItCanVerify(t *testing.T) {
	r, post := trusting(t)
	if got := post("/hook", "run_1"); got != http.StatusNoContent {
		t.Errorf("signed message: %d, want 204", got)
	}
	if got := post("/other", "run_2"); got != http.StatusUnauthorized {
		t.Errorf("path without a secret: %d, want 401", got)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/hook", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("no signature: %d, want 401", w.Code)
	}
	if got := r.tally(); got.refused != 2 || len(got.messages) != 1 || got.messages["run_1"].accepted != 1 {
		t.Errorf("tally = %+v, want one accepted message and two refused requests", got)
	}
}

func TestReceiverFailsNewMessagesOnly(t *testing.T) {
	r, post := trusting(t)
	post("/hook", "known")
	r.fail([]answer{unavailable, unavailable})
	for i, want := range []struct {
		id   string
		code int
	}{{"known", 204}, {"new", 503}, {"later", 204}, {"new", 503}, {"new", 204}, {"new", 204}} {
		if got := post("/hook", want.id); got != want.code {
			t.Errorf("request %d (%s): %d, want %d", i, want.id, got, want.code)
		}
	}
}
