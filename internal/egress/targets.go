package egress

import (
	"net/url"
	"sync"
)

// targets remembers URLs that the guard let through, so that one which is sent to a thousand times is judged once. Judging
// is a matter of the text and of options that never change; the address is judged anew for each connection.
type targets struct {
	mu    sync.RWMutex
	known map[string]*url.URL // never changed by anybody
}

const maxTargets = 1024 // after that it begins anew, rather than keep track of what is used

func (t *targets) get(text string) (*url.URL, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	u, ok := t.known[text]
	return u, ok
}

func (t *targets) put(text string, u *url.URL) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) >= maxTargets {
		t.known = make(map[string]*url.URL)
	}
	t.known[text] = u
}
