package sqlite

import (
	"testing"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) store.Store {
		s, _ := newStore(b, Options{})
		return s
	})
}
