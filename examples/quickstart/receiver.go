package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// receiver is the customer's service. It knows nothing of the host but the secrets.
type receiver struct {
	url    string
	server http.Server
	served chan error

	mu        sync.Mutex
	verifiers map[string]signature.Verifier // by path
	ahead     [][]answer                    // what the next new messages meet
	messages  map[string]*message           // by webhook-id
	refused   int                           // requests that were not verified
}

// message is what the receiver remembers of a webhook-id.
type message struct {
	ahead    []answer // before it is accepted
	requests int
	accepted int
}

// answer is a status code.
type answer int

const (
	accepted    answer = http.StatusNoContent
	unavailable answer = http.StatusServiceUnavailable
	silence     answer = 0 // none at all
)

// listen starts a receiver on this machine.
func listen(ctx context.Context) (*receiver, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start receiver: %w", err)
	}
	r := &receiver{
		url:       "http://" + l.Addr().String(),
		served:    make(chan error, 1),
		verifiers: map[string]signature.Verifier{},
		messages:  map[string]*message{},
	}
	r.server = http.Server{Handler: r, ReadTimeout: 10 * time.Second}
	go func() { r.served <- r.server.Serve(l) }()
	return r, nil
}

func (r *receiver) close() error {
	err := r.server.Close()
	<-r.served
	return err
}

// trust accepts messages at path that are signed with secret.
func (r *receiver) trust(path string, secret signature.Secret) error {
	v, err := signature.NewVerifier(secret)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verifiers[path] = v
	return nil
}

// fail gives each of the next new messages some answers before it is accepted.
func (r *receiver) fail(ahead ...[]answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead = ahead
}

// ServeHTTP is what a service does with a webhook: bound the body, verify its bytes, look up the webhook-id, answer.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxLine))
	if err != nil {
		http.Error(w, "the body is too large or broke off", http.StatusBadRequest)
		return
	}
	if !r.verify(req, body) {
		http.Error(w, "the signature does not verify", http.StatusUnauthorized)
		return
	}
	switch a := r.visit(req.Header.Get(signature.HeaderID)); a {
	case silence:
		<-req.Context().Done() // until the sender has had enough
	default:
		w.WriteHeader(int(a))
	}
}

func (r *receiver) verify(req *http.Request, body []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.verifiers[req.URL.Path].Verify(req.Header, body, time.Now()) // of an unknown path: refuses everything
	if err != nil {
		r.refused++
	}
	return err == nil
}

// visit notes a request and returns how to answer it. A service does its work only for a webhook-id that is new to it,
// for a message may come again.
func (r *receiver) visit(id string) answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, known := r.messages[id]
	if !known {
		m = &message{}
		if len(r.ahead) > 0 {
			m.ahead, r.ahead = r.ahead[0], r.ahead[1:]
		}
		r.messages[id] = m
	}
	m.requests++
	if len(m.ahead) > 0 {
		a := m.ahead[0]
		m.ahead = m.ahead[1:]
		return a
	}
	m.accepted++
	return accepted
}

// tally is what a receiver has seen.
type tally struct {
	messages map[string]message // by webhook-id
	refused  int
}

func (r *receiver) tally() tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := tally{messages: make(map[string]message, len(r.messages)), refused: r.refused}
	for id, m := range r.messages {
		t.messages[id] = *m
	}
	return t
}
