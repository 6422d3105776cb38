package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// A process may start while its server is down: what it asks fails until that is there, and then the schema is made.
func TestLazyStoreIsOpenedBeforeItsServerIsThere(t *testing.T) {
	var up atomic.Bool
	pool := newPool(t, need.Postgres(t), func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			if !up.Load() {
				return nil, errors.New("nobody listens")
			}
			return dial(ctx, network, address)
		}
	})
	if _, err := New(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "nobody listens") {
		t.Errorf("a store that is not lazy was opened without a server, with error %v", err)
	}
	s := newStoreOn(t, Options{Lazy: true}, pool)
	_, err1 := s.Publish(t.Context(), []store.Entry{planned(1)})
	_, err2 := s.Changes(t.Context(), "")
	for _, err := range []error{err1, err2, s.Wait(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), `open store in schema "tenterhook"`) || !strings.Contains(err.Error(), "nobody listens") {
			t.Errorf("without a server: error %v, want one that says what is wrong", err)
		}
	}
	up.Store(true)
	if err := s.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			if _, err := s.Publish(t.Context(), []store.Entry{planned(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if counts, err := s.Count(t.Context(), runs.Filter{}); err != nil || counts[runs.Scheduled] != 10 {
		t.Errorf("counts %v, error %v, want ten runs", counts, err)
	}
}

func TestLazyStoreLeavesANewerSchemaAlone(t *testing.T) {
	s := newStore(t, Options{})
	execute(t, s, "INSERT INTO tenterhook.steps VALUES (9999)")
	lazy := newStoreOn(t, Options{Lazy: true}, s.pool)
	for range 2 {
		if _, err := lazy.Publish(t.Context(), []store.Entry{planned(1)}); !errors.Is(err, store.ErrNewer) {
			t.Errorf("Publish: error %v, want %v", err, store.ErrNewer)
		}
	}
	if counts, err := s.Count(t.Context(), runs.Filter{}); err != nil || len(counts) > 0 && counts[runs.Scheduled] > 0 {
		t.Errorf("counts %v, error %v, want no run", counts, err)
	}
}
