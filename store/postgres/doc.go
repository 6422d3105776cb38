// Package postgres is the store for many processes: a schema of its own in a PostgreSQL database, version 13 or later.
//
// Every call is at most a few round trips, however large its batch; none depends on the state of a session, so a proxy
// that pools connections by transaction may stand between. What [Store.Publish] acknowledged is as safe as the server's
// synchronous_commit makes it, which this package leaves as it is.
//
// # Processes
//
// A process that has nothing to do asks one thing of the server each time that its dispatcher looks, every five seconds by
// default. It need not look to learn what others did: where runs are published, in a host's transaction too, or replayed, or
// the configuration is changed, the commit tells all that wait ([Store.Wait], LISTEN and NOTIFY on a channel named like the
// schema). That takes each process one connection more than its pool has. A proxy that pools by transaction cannot pass on what
// is heard; then [Options].ListenDSN leads that connection past it, and without it processes find the same when they look. A
// transaction that is to be prepared for a commit in two phases must not publish: PostgreSQL lets none that notifies.
//
// Every call has a deadline, and a broken connection is replaced. Where servers take over from each other, name all of them in
// the DSN, with target_session_attrs=read-write: a server that answers that it only reads is left at once.
//
// # Rights
//
// The role that opens a store first creates its schema. Afterwards, and for a host's transactions, one that owns nothing is
// enough, until a new version of this package has a migration to do:
//
//	GRANT USAGE ON SCHEMA tenterhook TO service;
//	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenterhook TO service;
//	REVOKE INSERT, UPDATE, DELETE ON tenterhook.steps FROM service;
//	GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA tenterhook TO service;
package postgres
