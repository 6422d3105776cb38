// Package postgres is the store for many processes: a schema of its own in a PostgreSQL database, version 13 or later.
//
// Every call is at most a few round trips, however large its batch, and none depends on the state of a session. The two
// statements that carry deliveries are prepared where the pool's mode of execution is pgx's default; where a proxy that pools
// connections by transaction stands between, choose another, as for statements of your own: default_query_exec_mode=cache_describe
// in the DSN. What [Store.Publish] acknowledged is as safe as the server's
// synchronous_commit makes it, which this package leaves as it is.
package postgres
