// Package bench compares deliveries through PostgreSQL with a bare loop of requests, with River, and with a table that is
// worked off a row at a time, and measures what publishing, claiming and settling cost beside what waits. It holds benchmarks
// alone, in a module of their own, so that a peer's dependencies are nobody else's:
//
//	cd internal/bench
//	go test -run '^$' -bench Deliver -benchtime 60000x -count 5
//
// Each of them works on a database of its own on one server, see package need. Beside what it does in a second, it reports how
// much time of processors that took, in this process and in the server's, on Linux: on a machine that others use too, that
// is the steadier measure. TENTERHOOK_BENCH_LARGE=1 adds those with millions of waiting runs.
package bench
