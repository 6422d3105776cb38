// Package postgres is the store for many processes: a schema of its own in a PostgreSQL database, version 13 or later.
//
// Every call is at most a few round trips, however large its batch; none depends on the state of a session, so a proxy
// that pools connections by transaction may stand between. What [Store.Publish] acknowledged is as safe as the server's
// synchronous_commit makes it, which this package leaves as it is.
package postgres
