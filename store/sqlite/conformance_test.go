package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/store/storetest"
)

// SPEC D1.
func TestStoreKeepsThePromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		need.TwoWalks(t)
		st, err := sqlite.Options{Now: now}.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
		return st
	})
}
