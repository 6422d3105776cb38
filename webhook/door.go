package webhook

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// ReceiverOptions configures a receiver; the zero ReceiverOptions are ready for the public Internet without a proxy in between.
type ReceiverOptions struct {
	// MaxBody bounds the body of a request in bytes; default: 1 MiB.
	MaxBody int64
	// MaxMemory bounds the bodies that are held at once, with their values, in bytes; at least MaxBody. An account gets half of it at
	// most, and so do all who show no key, such as those who sign; default: 64 times MaxBody.
	MaxMemory int64
	// BodyTimeout bounds the wait for a body; default: 10 s.
	BodyTimeout time.Duration
	// FailuresPerMinute is how often a client may fail to authenticate at one address before it is told to wait; at all addresses
	// together, ten times as often. A right key is heard all the same; default: 60.
	FailuresPerMinute int
	// ClientIP returns whom failures are counted for. Behind a proxy, return what that says, not the proxy's address, or clients
	// share one count, and those who sign wait for each other's failures; default: the request's RemoteAddr.
	ClientIP func(*http.Request) netip.Addr
}

func (o ReceiverOptions) withDefaults() ReceiverOptions {
	o.MaxBody = cmp.Or(max(0, o.MaxBody), 1<<20)
	o.MaxMemory = max(o.MaxBody, cmp.Or(o.MaxMemory, 64*o.MaxBody))
	o.BodyTimeout = cmp.Or(max(0, o.BodyTimeout), 10*time.Second)
	o.FailuresPerMinute = cmp.Or(max(0, o.FailuresPerMinute), 60)
	if o.ClientIP == nil {
		o.ClientIP = remoteIP
	}
	return o
}

func remoteIP(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr) // of no address all count as one client
	return at.Addr()
}

// door is what every request passes, whatever it is for.
type door struct {
	d         *Dispatcher
	in        *intake
	throttle  *throttle
	client    func(*http.Request) netip.Addr
	authority authority
	log       *slog.Logger
}

func newDoor(d *Dispatcher, o ReceiverOptions) *door {
	o = o.withDefaults()
	au, err := newAuthority(d.keys)
	if err != nil {
		panic(err) // 32 bytes are a secret
	}
	return &door{
		d: d, in: newIntake(o.MaxBody, o.MaxMemory, o.BodyTimeout), throttle: newThrottle(o.FailuresPerMinute),
		client: o.ClientIP, authority: au, log: d.options.Log,
	}
}

// enter refuses a request that is no use to look at: it cannot do anything, or is too large.
func (d *door) enter(r *http.Request) error {
	if r.Method != http.MethodPost && r.Method != http.MethodGet || isPrefetch(r.Header) {
		e := refuse(http.StatusMethodNotAllowed, "only POST, and GET with a query, do something: send one of them, and no prefetch")
		e.header = http.Header{"Allow": {"GET, POST"}}
		return e
	}
	if e := d.in.tooLarge(r); e != nil {
		return e
	}
	return nil
}

// blocked returns the answer to a client that failed too often at this address; nil: it is heard. Who has a right key is not asked:
// else whoever shares its address, as all behind a proxy may, could shut it out.
func (d *door) blocked(r *http.Request, address string) *refusal {
	wait := d.throttle.blocked(d.client(r), address, time.Now())
	if wait <= 0 {
		return nil
	}
	e := refuse(http.StatusTooManyRequests, "too many requests with a wrong API key or signature came from here: check them, and try later")
	e.later = wait
	return e
}

// left notes why a request was refused, and returns the answer.
func (d *door) left(r *http.Request, address string, err error) *refusal {
	e := asRefusal(err)
	if e.Status == http.StatusUnauthorized {
		if blocked := d.blocked(r, address); blocked != nil {
			return blocked
		}
		d.throttle.failed(d.client(r), address, time.Now())
	}
	if e.cause != nil && e.Status >= 500 && r.Context().Err() == nil { // who went away is no trouble
		d.log.Error("request not taken", "status", e.Status, "error", e.cause)
	}
	return e
}

// identify returns who sent a request to an address, and its body. Who shows a key is judged by it before the body is read.
func (d *door) identify(w http.ResponseWriter, r *http.Request, address string, to *entrance) (who identity, body []byte, release func(), err error) {
	c, err := credentials(r)
	if err != nil {
		return who, nil, nil, err
	}
	if c.key != "" {
		if who, err = d.authority.byKey(r.Context(), to.automation, c); err != nil {
			return who, nil, nil, err
		}
	} else if e := d.blocked(r, address); e != nil {
		return who, nil, nil, e
	}
	release = func() {}
	if r.Method != http.MethodGet {
		if body, release, err = d.in.read(w, r, who.key.Account); err != nil {
			return who, nil, nil, err
		}
	}
	if c.key == "" {
		if who, err = d.authority.bySignature(to, r, body); err != nil {
			release()
			return who, nil, nil, err
		}
	}
	return who, body, release, nil
}

// note notes that a key was used. A request does not fail for it.
func (d *door) note(ctx context.Context, who identity) {
	if who.key.ID == "" {
		return
	}
	if err := d.d.keys.use(context.WithoutCancel(ctx), who.key); err != nil {
		d.log.Error("use not noted", "key", who.key.ID, "error", err)
	}
}

// isPrefetch tells requests that nobody made on purpose (Fetch, "Sec-Purpose"; older browsers say it otherwise).
func isPrefetch(h http.Header) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if value := strings.ToLower(h.Get(name)); strings.Contains(value, "prefetch") || strings.Contains(value, "preview") {
			return true
		}
	}
	return false
}
