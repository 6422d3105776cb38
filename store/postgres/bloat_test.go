package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC R4: runs that come and go, all of them every cycle, leave tables and indexes of a bounded size: what one cycle left
// behind is used by those after it. Here the tables are vacuumed after each, as autovacuum does once a minute.
func TestRunsThatComeAndGoLeaveNoBloat(t *testing.T) {
	cycles, size := 8, 10_000
	if need.Quick() {
		size = 2000
	}
	s := newStoreOn(t, Options{}, newPool(t, need.Postgres(t), nil))
	var sizes []int64
	for n := range cycles {
		cycle(t, s, n, size)
		if _, err := s.pool.Exec(t.Context(), "VACUUM tenterhook.runs, tenterhook.messages, tenterhook.attempts"); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, sizeOf(t, s))
		t.Logf("cycle %d: %s", n+1, sizesOf(t, s))
	}
	early, late := slices.Max(sizes[:cycles/2]), slices.Max(sizes[cycles/2:])
	t.Logf("at most %d MB in the first half, %d MB in the second", early>>20, late>>20)
	if late > 2*early {
		t.Errorf("it grew from %d to %d bytes", early, late)
	}
}

// cycle publishes runs, has all of them end, and prunes them.
func cycle(t *testing.T, s *Store, n, size int) {
	t.Helper()
	for from := 0; from < size; from += 500 {
		list := make([]store.Entry, 500)
		for i := range list {
			list[i] = planned(n*size + from + i)
		}
		if _, err := s.Publish(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		c, err := s.Claim(t.Context(), store.Lease{Max: 500, For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Settle(t.Context(), ended(c.Runs)); err != nil {
			t.Fatal(err)
		}
	}
	for account := range 10 {
		for after, done := int64(0), false; !done; {
			step, err := s.Prune(t.Context(), fmt.Sprint("acct_", account), -time.Hour, after, 200)
			if err != nil {
				t.Fatal(err)
			}
			after, done = step.Last, step.Done
		}
	}
}

func sizeOf(t *testing.T, s *Store) (bytes int64) {
	t.Helper()
	err := s.pool.QueryRow(t.Context(), `SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
		WHERE relnamespace = 'tenterhook'::regnamespace AND relkind = 'r'`).Scan(&bytes)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// sizesOf returns the sizes of the tables that grow, and how often autovacuum came.
func sizesOf(t *testing.T, s *Store) string {
	t.Helper()
	var parts []string
	for _, table := range []string{"runs", "messages", "attempts"} {
		var heap, indexes, dead, vacuums int64
		err := s.pool.QueryRow(t.Context(), `SELECT pg_table_size(relid) >> 10, pg_indexes_size(relid) >> 10, n_dead_tup, autovacuum_count
			FROM pg_stat_user_tables WHERE schemaname = 'tenterhook' AND relname = $1`, table).Scan(&heap, &indexes, &dead, &vacuums)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, fmt.Sprintf("%s %d+%d kB, %d dead, vacuumed %d times", table, heap, indexes, dead, vacuums))
	}
	return strings.Join(parts, "; ")
}
