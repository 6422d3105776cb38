package webhook

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// throttle counts failed requests, in bounded memory. Those who fail too often are not heard for a while: a client that fails at
// one address, and one that fails at many. Nobody is refused for what others do at the same address: that would let anyone
// shut out its owner.
type throttle struct {
	each rate.Limit // failures a second of a client at one address
	most int        // at once

	mu            sync.Mutex
	recent, older map[culprit]*rate.Limiter // of failures
}

// culprit is a client, at one address or, with "", at all.
type culprit struct {
	client  netip.Prefix
	address string
}

const (
	maxCulprits   = 8192 // in each of two generations: the older one is forgotten when the recent one is full
	manyAddresses = 10   // times as many failures, of a client at all addresses
)

func newThrottle(perMinute int) *throttle {
	return &throttle{
		each: rate.Limit(float64(perMinute) / 60), most: perMinute,
		recent: map[culprit]*rate.Limiter{},
	}
}

// blocked returns how long a client is not heard at an address; 0: it is.
func (t *throttle) blocked(client netip.Addr, address string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var wait time.Duration
	for _, c := range culprits(client, address) {
		l, ok := t.limiter(c)
		if !ok {
			continue
		}
		if missing := 1 - l.TokensAt(now); missing > 0 {
			wait = max(wait, time.Duration(missing/float64(l.Limit())*float64(time.Second)))
		}
	}
	return wait
}

// failed notes a failure.
func (t *throttle) failed(client netip.Addr, address string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range culprits(client, address) {
		l, ok := t.limiter(c)
		if !ok {
			l = rate.NewLimiter(t.each, t.most)
			if i > 0 {
				l = rate.NewLimiter(manyAddresses*t.each, manyAddresses*t.most)
			}
			t.put(c, l)
		}
		l.AllowN(now, 1)
	}
}

// limiter returns that of c, which becomes a recent one.
func (t *throttle) limiter(c culprit) (*rate.Limiter, bool) {
	if l, ok := t.recent[c]; ok {
		return l, true
	}
	l, ok := t.older[c]
	if ok {
		t.put(c, l)
	}
	return l, ok
}

func (t *throttle) put(c culprit, l *rate.Limiter) {
	if len(t.recent) >= maxCulprits {
		t.older, t.recent = t.recent, map[culprit]*rate.Limiter{}
	}
	t.recent[c] = l
}

// culprits returns whom a failure is counted for. Of IPv6 a client has at least 64 bits of addresses to choose from.
func culprits(client netip.Addr, address string) [2]culprit {
	client = client.Unmap().WithZone("")
	bits := client.BitLen()
	if client.Is6() {
		bits = 64
	}
	prefix, _ := client.Prefix(bits) // of no address it is zero, and so one client
	return [2]culprit{{prefix, address}, {prefix, ""}}
}
