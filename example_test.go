package tenterhook_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

func Example() {
	dir, err := os.MkdirTemp("", "tenterhook-")
	check(err)
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tenterhook.db")
	ctx, stop := context.WithCancel(context.Background())
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} // else the guard lets nothing through to this machine
	arrived := make(chan string, 2)                                  // the test that Save makes, and the event
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		check(err)
		ev, err := events.Decode(body)
		check(err)
		arrived <- ev.Type + " " + ev.Data.(events.TagAdded).Tag.Name
	}))
	defer receiver.Close()

	// README begins
	st, err := sqlite.Open(ctx, file)
	check(err)
	defer st.Close()
	d, err := webhook.NewDispatcher(st, webhook.Options{AllowNetworks: loopback})
	check(err)
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()

	_, err = d.Save(ctx, automation.Automation{
		Account: "acct_1",
		Name:    "Tags to the CRM",
		Trigger: automation.Trigger{Types: []string{"contact.tag.*"}},
		Actions: []automation.Action{{Push: &automation.Push{URL: receiver.URL, AllowHTTP: true}}},
	}, webhook.SaveOptions{})
	check(err)
	fmt.Println("test:", <-arrived)

	_, err = d.Publish(ctx, events.New("acct_1", events.TagAdded{Tag: events.Tag{ID: "12", Name: "Crew"}}))
	check(err)
	fmt.Println("event:", <-arrived)

	stop() // Run finishes the attempts under way
	check(<-done)
	// README ends

	// Output:
	// test: contact.tag.added Sailing course
	// event: contact.tag.added Crew
}

// What a receiving service does, in full: bound the body, verify the bytes as they came, and do the work of a webhook-id
// once.
func Example_receiver() {
	secret, err := signature.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	check(err)
	verifier, err := signature.NewVerifier(secret)
	check(err)
	seen := map[string]bool{} // a table with a unique key
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || verifier.Verify(r.Header, body, time.Now()) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if id := r.Header.Get(signature.HeaderID); !seen[id] {
			seen[id] = true
			fmt.Println("new:", string(body))
		}
		w.WriteHeader(http.StatusNoContent)
	}

	signer, err := signature.NewSigner(secret)
	check(err)
	for range 2 {
		now := time.Now()
		signed, err := signer.Sign("run_1", now, []byte(`{"type":"ping"}`))
		check(err)
		fmt.Println(post(handler, http.Header{
			"Webhook-Id":        {"run_1"},
			"Webhook-Timestamp": {fmt.Sprint(now.Unix())},
			"Webhook-Signature": {signed},
		}))
	}
	fmt.Println(post(handler, http.Header{}))
	// Output:
	// new: {"type":"ping"}
	// 204
	// 204
	// 401
}

// post returns the status of handler's answer.
func post(handler http.HandlerFunc, h http.Header) int {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"type":"ping"}`))
	r.Header = h
	w := httptest.NewRecorder()
	handler(w, r)
	return w.Code
}

// check stands for what a host does with errors.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
