package webhook_test

import (
	"bytes"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook"
)

func tag(name string) events.Event {
	return events.New(account, events.TagAdded{Tag: events.Tag{ID: "7", Name: name}})
}

func publishOne(t testing.TB, d *webhook.Dispatcher, ev events.Event) runs.Run {
	t.Helper()
	created, err := d.Publish(t.Context(), ev)
	if err != nil || len(created) != 1 {
		t.Fatalf("Publish: %d runs, %v", len(created), err)
	}
	return created[0]
}

// O7, ATTACKS 25: body and webhook-id are the same at every attempt and replay, byte for byte; the timestamp is of the attempt.
func TestBytesAreTheSameAtEveryAttempt(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		requests, _ := captured(t, st)
		bodies := map[string][]byte{}
		for _, r := range requests[:len(requests)-1] { // the last one is a test
			id := r.Header.Get("webhook-id")
			if first, again := bodies[id]; again && !bytes.Equal(first, r.Body) {
				t.Errorf("run %s has another body at a later attempt", id)
			}
			bodies[id] = r.Body
			sent, err := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
			if age := r.At.Sub(time.Unix(sent, 0)); err != nil || age < 0 || age > 3*time.Second {
				t.Errorf("timestamp is %v old at arrival: %v", age, err)
			}
		}
		if len(bodies) != len(oddEvents()) {
			t.Errorf("%d different ids, want %d", len(bodies), len(oddEvents()))
		}
		for id, body := range bodies {
			if r, err := st.Get(t.Context(), account, id); err != nil || !bytes.Equal(r.Message, body) {
				t.Errorf("run %s keeps another message than was sent: %v", id, err)
			}
		}
	})
}

// O2, O7: every request is a POST of JSON with the library's headers, and the automation's own.
func TestRequestsHaveTheHeadersThatArePromised(t *testing.T) {
	onEachStore(t, func(t *testing.T, st store.Store) {
		requests, secrets := captured(t, st)
		for _, r := range requests {
			if r.Method != http.MethodPost {
				t.Errorf("method is %s", r.Method)
			}
			want := map[string]string{"Content-Type": "application/json", "X-Tenant": "7", "Authorization": "Bearer abc"}
			got := map[string]string{}
			for name := range want {
				got[name] = r.Header.Get(name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("headers (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(r.Header.Get("User-Agent"), "Tenterhook/") {
				t.Errorf("user agent is %q", r.Header.Get("User-Agent"))
			}
			if n := len(strings.Fields(r.Header.Get("webhook-signature"))); n != len(secrets) {
				t.Errorf("%d signatures, want one a secret", n)
			}
			for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
				if len(r.Header[name]) != 1 {
					t.Errorf("header %s occurs %d times", name, len(r.Header[name]))
				}
			}
		}
	})
}

// O8, ATTACKS 9: redirects are failures and never followed.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			elsewhere := newInbox(t, nil)
			in := newInbox(t, func(w http.ResponseWriter, _ int) {
				w.Header().Set("Location", elsewhere.URL)
				w.WriteHeader(code)
			})
			onEachStore(t, func(t *testing.T, st store.Store) {
				d := dispatch(t, st, webhook.Options{})
				save(t, d, pushTo(in.URL))
				r := awaitEnd(t, st, publishOne(t, d, tag("VIP")).ID)
				for _, a := range r.Attempts {
					if a.StatusCode != code || a.Class != runs.ClassRedirect || a.Header["Location"][0] != elsewhere.URL {
						t.Errorf("attempt is %+v", a)
					}
				}
				if r.Status != runs.Failed || len(r.Attempts) != 2 || len(elsewhere.requests()) != 0 {
					t.Errorf("run %s after %d attempts, %d redirects followed", r.Status, len(r.Attempts), len(elsewhere.requests()))
				}
			})
		})
	}
}

// R2: an attempt keeps the answer's status, header and first 16 KiB, but no session; it says whether there was more.
func TestAnswerIsKept(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 2<<10)
	for name, tt := range map[string]struct {
		body      []byte
		truncated bool
	}{
		"none": {nil, false}, "16 KiB": {big[:16<<10], false}, "16 KiB and a byte": {big[:16<<10+1], true}, "32 KiB": {big, true},
		"bytes of no text": {[]byte("\xff\x00\x1b[31m"), false},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInbox(t, func(w http.ResponseWriter, _ int) {
				w.Header().Set("Set-Cookie", "session=secret")
				w.Header().Set("X-Request-Id", "7")
				w.WriteHeader(http.StatusAccepted)
				_, _ = w.Write(tt.body)
			})
			onEachStore(t, func(t *testing.T, st store.Store) {
				d := dispatch(t, st, webhook.Options{})
				save(t, d, pushTo(in.URL))
				a := awaitEnd(t, st, publishOne(t, d, tag("VIP")).ID).Attempts[0]
				if a.StatusCode != 202 || !bytes.Equal(a.Body, tt.body[:min(len(tt.body), 16<<10)]) || a.Truncated != tt.truncated {
					t.Errorf("kept status %d, %d bytes, truncated %v", a.StatusCode, len(a.Body), a.Truncated)
				}
				if a.Header["X-Request-Id"] == nil || a.Header["Set-Cookie"] != nil || a.Duration <= 0 {
					t.Errorf("kept header %v and duration %v", a.Header, a.Duration)
				}
			})
		})
	}
}

// ATTACKS 1, 12: what is not public is not reached, by run or test, and what is told is not where the name leads.
func TestInternalAddressesAreNotReached(t *testing.T) {
	in := newInbox(t, nil)
	onEachStore(t, func(t *testing.T, st store.Store) {
		d := dispatch(t, st, webhook.Options{AllowNetworks: []netip.Prefix{}})
		a := pushTo(strings.Replace(in.URL, "127.0.0.1", "localhost", 1))
		if got, err := d.Test(t.Context(), a, "1", ""); err != nil || got.Class != runs.ClassAddress {
			t.Errorf("Test: %+v, %v", got, err)
		}
		save(t, d, a)
		r := awaitEnd(t, st, publishOne(t, d, tag("VIP")).ID)
		if r.Status != runs.Failed || len(r.Attempts) != 1 || r.Attempts[0].Class != runs.ClassAddress {
			t.Fatalf("run %s after %+v", r.Status, r.Attempts)
		}
		if strings.Contains(r.Attempts[0].Detail, "127.0.0.1") {
			t.Errorf("the address is told: %q", r.Attempts[0].Detail)
		}
		if len(in.requests()) != 0 {
			t.Error("it was reached")
		}
	})
}
