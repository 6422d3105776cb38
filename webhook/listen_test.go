package webhook

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
)

// telling is a store that begins to tell after a while, and notes when it was first asked for runs, and last waited for.
type telling struct {
	store.Store
	after          time.Duration
	claimed, ended time.Time
}

func (s *telling) Claim(ctx context.Context, l store.Lease) (store.Claimed, error) {
	if s.claimed.IsZero() {
		s.claimed = time.Now()
	}
	return s.Store.Claim(ctx, l)
}

func (s *telling) Wait(ctx context.Context) error {
	after := s.after
	s.after = 1000 * time.Hour
	select {
	case <-time.After(after):
		return nil
	case <-ctx.Done():
		s.ended = time.Now()
		return ctx.Err()
	}
}

// D2: leases that end with what a process listens by are taken after it has begun, and settled before it has ended.
func TestProcessListensAroundItsLeases(t *testing.T) {
	for after, claims := range map[time.Duration]time.Duration{0: 0, 300 * time.Millisecond: 300 * time.Millisecond, time.Hour: maxDeaf} {
		synctest.Test(t, func(t *testing.T) {
			st := &telling{Store: memory.New(), after: after}
			r := newRig(t, st, Options{})
			r.net.set(hook, answersAfter(7*time.Second, 200))
			begun := time.Now()
			stop := r.start()
			r.save(anAutomation(hook))
			r.pass(2 * time.Second)
			r.publishesOne(tagged(1))
			r.pass(time.Second)
			stop()
			if got := st.claimed.Sub(begun); got != claims {
				t.Errorf("where it listens after %v it claims after %v, want %v", after, got, claims)
			}
			if got := st.ended.Sub(begun); got != 9*time.Second {
				t.Errorf("it listened for %v, want the 9 s until its last attempt was settled", got)
			}
		})
	}
}
