package postgres_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/tenterhook/tenterhook/store/postgres"
)

// TestMain lets the test binary be a second process on a store, see process_test.go.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(role, os.Getenv(dsnVariable)))
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, o postgres.Options, dsn string) *postgres.Store {
	t.Helper()
	st, err := o.Open(t.Context(), dsn)
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
