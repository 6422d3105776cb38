package route_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/postgres"
	"github.com/tenterhook/tenterhook/store/route"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spread keeps acct_1 on the first shard, and puts the others on the second.
func spread(account string) int {
	if account == "acct_1" {
		return 0
	}
	return 1
}

// spreadFor is spread, but where a proof gives runs of one automation to two accounts, which nobody can own, or adds keys of
// several accounts at once, which is done shard by shard.
func spreadFor(t *testing.T) func(string) int {
	switch name := t.Name(); {
	case strings.Contains(name, "/all_at_random/"):
		return func(account string) int { return spread(strings.Replace(account, "acct_2", "acct_1", 1)) }
	case strings.Contains(name, "/key/") && strings.Contains(name, "nothing_is_added"):
		return func(string) int { return 0 }
	}
	return spread
}

// SPEC D1. What a store promises, two of each kind promise together.
func TestStoresKeepThePromisesTogether(t *testing.T) {
	var schemas atomic.Int64
	for name, opens := range map[string]func(t *testing.T) func(t *testing.T, shard int, now func() time.Time) (store.Store, error){
		"memory": func(*testing.T) func(*testing.T, int, func() time.Time) (store.Store, error) {
			return func(_ *testing.T, _ int, now func() time.Time) (store.Store, error) {
				return memory.Options{Now: now}.New(), nil
			}
		},
		"sqlite": func(*testing.T) func(*testing.T, int, func() time.Time) (store.Store, error) {
			return func(t *testing.T, _ int, now func() time.Time) (store.Store, error) {
				return sqlite.Options{Now: now}.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
			}
		},
		"postgres": func(t *testing.T) func(*testing.T, int, func() time.Time) (store.Store, error) {
			databases := [2]string{need.Postgres(t), need.Postgres(t)}
			return func(t *testing.T, shard int, now func() time.Time) (store.Store, error) {
				need.BriefProofs(t)
				return postgres.Options{Now: now, Schema: fmt.Sprint("proof_", schemas.Add(1))}.Open(t.Context(), databases[shard])
			}
		},
	} {
		if name == "sqlite" && need.Quick() {
			continue // the other two prove as much of the router
		}
		t.Run(name, func(t *testing.T) {
			open := opens(t)
			storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
				var shards []store.Store
				for i := range 2 {
					st, err := open(t, i, now)
					if err != nil {
						t.Fatal(err)
					}
					shards = append(shards, st)
				}
				return routed(t, shards, spreadFor(t))
			})
		})
	}
}

func routed(t *testing.T, shards []store.Store, of func(string) int) *route.Store {
	t.Helper()
	st, err := route.Options{Patience: time.Minute}.New(shards, of) // that of a loaded machine
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}
