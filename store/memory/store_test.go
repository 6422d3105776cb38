package memory_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// SPEC D1.
func TestStoreKeepsThePromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		return memory.Options{Now: now}.New()
	})
}
