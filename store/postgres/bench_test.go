package postgres

import (
	"testing"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) store.Store { return newStore(b, Options{}) })
}
