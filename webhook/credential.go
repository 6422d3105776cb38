package webhook

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

const (
	queryKey  = "api_key"
	headerKey = "X-Api-Key"
	bearer    = "Bearer "
	maxKey    = 256 // bytes of a key that is looked at
)

// credential is what a request shows of whom it comes from: a key or, without, a signature perhaps.
type credential struct {
	key     string
	inQuery bool
}

// credentials returns what a request shows, or refuses one that shows several keys. The answer depends on the request alone.
func credentials(r *http.Request) (credential, error) {
	var found []credential
	for _, key := range r.Header.Values(headerKey) {
		found = append(found, credential{key: key})
	}
	for _, value := range r.Header.Values("Authorization") {
		if len(value) >= len(bearer) && strings.EqualFold(value[:len(bearer)], bearer) {
			found = append(found, credential{key: strings.TrimSpace(value[len(bearer):])})
		}
	}
	if r.URL.RawQuery != "" {
		values, _ := url.ParseQuery(r.URL.RawQuery) // its name may be escaped; what is malformed is refused where it counts
		for _, key := range values[queryKey] {
			found = append(found, credential{key: key, inQuery: true})
		}
	}
	switch len(found) {
	case 0:
		return credential{}, nil
	case 1:
		return found[0], nil
	}
	return credential{}, refuse(http.StatusBadRequest, "the request shows more than one API key: send one, in one place")
}

// identity is who a request was found to come from.
type identity struct {
	key store.Key // zero: it is signed
	id  string    // that the request is known by; "": it has none that can be believed more than another
}

// content returns what the request holds. No signature covers a query, so of a signed request it is the body alone.
func (who identity) content(r *http.Request, body []byte) (automation.Request, error) {
	if who.key.ID != "" && (r.Method == http.MethodGet || len(body) == 0 && r.URL.RawQuery != "") {
		values, err := parameters(r.URL.RawQuery)
		delete(values, queryKey)
		return automation.Request{Values: values}, err
	}
	return content(r.Header, body)
}

// requestID returns the id of the request: the one that is signed, else the sender's, else a new one.
func (who identity) requestID(h http.Header) (string, error) {
	if who.id != "" {
		return who.id, nil
	}
	for _, name := range []string{"Idempotency-Key", signature.HeaderID} {
		switch values := h.Values(name); {
		case len(values) == 0:
		case len(values) > 1 || !isRequestID(values[0]):
			return "", refuse(http.StatusBadRequest, "the header "+name+" is sent more than once, or not 1 to 255 visible ASCII characters")
		default:
			return values[0], nil
		}
	}
	return drawRequestID(), nil
}

func isRequestID(text string) bool {
	return text != "" && len(text) <= 255 && !strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' })
}

// drawRequestID returns an id that no other request has, of the kind that events get, because their runs are cheapest to keep.
func drawRequestID() string { return drawID(automation.EventPrefix, time.Now()) }

// authority tells whether requests come from those whom an automation believes. For an automation that does not exist, or takes
// no requests, it goes through the same steps in vain.
type authority struct {
	keys  *keyring
	decoy signature.SchemeVerifier // refuses everything, in the time that others take
}

func newAuthority(keys *keyring) (authority, error) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	secret, err := signature.NewSecret(b)
	if err != nil {
		return authority{}, err
	}
	decoy, err := signature.NewSchemeVerifier(nil, secret)
	return authority{keys, decoy}, err
}

// byKey returns whose key a request shows.
func (au authority) byKey(ctx context.Context, a automation.Automation, c credential) (identity, error) {
	hash := hashKey(c.key[:min(len(c.key), maxKey)])
	key, ok, err := au.keys.find(ctx, a, hash)
	if err != nil {
		return identity{}, unavailable("the API keys cannot be read now: send it again", err)
	}
	queryTaken := a.Trigger.Incoming != nil && a.Trigger.Incoming.QueryKey
	if !ok || c.inQuery && !queryTaken {
		return identity{}, badCredentials()
	}
	return identity{key: key}, nil
}

// bySignature returns who signed a request. Where the signature covers no id, the body is what tells it from others: else whoever
// has seen it could send it again under another.
func (au authority) bySignature(to *entrance, r *http.Request, body []byte) (identity, error) {
	verifier := to.verifier
	if !to.signed {
		verifier = au.decoy
	}
	id, err := verifier.Verify(r.Header, body, time.Now())
	if err != nil || !to.signed || r.Method == http.MethodGet { // no signature covers a query
		e := badCredentials()
		e.cause = err
		return identity{}, e
	}
	if id == "" {
		id = "body_" + automation.IDEncoding.EncodeToString(hashKey(string(body)))
	}
	return identity{id: id}, nil
}
