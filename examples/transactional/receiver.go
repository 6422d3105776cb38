package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// receiver is the customer's service. It knows nothing of the shop but the secret.
type receiver struct {
	url      string
	verifier signature.Verifier
	server   http.Server
	served   chan error

	mu      sync.Mutex
	arrived map[string]int // requests that were verified, by the order's number
	refused int            // requests that were not
}

// listen starts a receiver on this machine.
func listen(ctx context.Context, secret signature.Secret) (*receiver, error) {
	verifier, err := signature.NewVerifier(secret)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start receiver: %w", err)
	}
	r := &receiver{url: "http://" + l.Addr().String(), verifier: verifier, served: make(chan error, 1), arrived: map[string]int{}}
	r.server = http.Server{Handler: r, ReadTimeout: 10 * time.Second}
	go func() { r.served <- r.server.Serve(l) }()
	return r, nil
}

func (r *receiver) close() error {
	err := r.server.Close()
	<-r.served
	return err
}

// ServeHTTP is what a service does with a webhook: bound the body, verify its bytes, read it, answer.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	if err == nil {
		err = r.verifier.Verify(req.Header, body, time.Now())
	}
	var message struct {
		Data order `json:"data"`
	}
	if err == nil {
		err = json.Unmarshal(body, &message)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.refused++
		http.Error(w, "the message is not one of the shop's", http.StatusBadRequest)
		return
	}
	r.arrived[message.Data.Number]++
	w.WriteHeader(http.StatusNoContent)
}

// tally returns how often each order arrived, and how many requests were refused.
func (r *receiver) tally() (arrived map[string]int, refused int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.arrived), r.refused
}
