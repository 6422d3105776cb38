// Package postgres is the store for many processes: a schema of its own in a PostgreSQL database, version 13 or later.
//
// Every call is at most a few round trips, however large its batch, and none depends on the state of a session, so a proxy that
// pools connections by transaction may stand between. The two statements that carry deliveries are prepared where the pool's mode
// of execution is pgx's default, until one turns out to be missing. What [Store.Publish] acknowledged is as safe as the
// server's synchronous_commit makes it, which this package leaves as it is.
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
// What a process had leased is another's some seconds after it was killed, however long the leases would have lasted: the one that
// has found, for three seconds, that nobody has the lock of the session in which the dead one listened. It looks as often as its
// dispatcher does, so that is eight seconds with the defaults. A session that is cut while its process lives is had again before
// that. A process that cannot have one for longer is taken for dead: another delivers what it had leased. What it was sending just
// then may arrive twice; its own result of that is ignored, and tells it to send no more of what it had leased. Leases end with
// their time alone, a minute by default, where a process does not listen, or stands still; where its machine is lost without a
// word, until the server's tcp_keepalives_idle and its like have told; and where they last longer than those of the process
// that looks, so give all processes the same Lease.
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
//
// # How far one database goes
//
// On a shared virtual machine of two cores (linux/amd64, PostgreSQL 15 with its default settings, Go 1.26, November 2026), on which
// sender, receiver and server shared the processors. So the figures are times of processors, which differ less than what was
// done in a second; compare within this page only.
//
// From publishing an event to its settled run, 64 publishers of one event each, a body of 1 KiB, the receiver a process of its
// own: cd internal/bench; go test -run '^$' -bench Deliver -benchtime 8000x, six times, medians, in µs a delivery of the
// benchmark's process and of the server's; then their sum in terms of the bare loop's, with its range:
//
//	bare loop of Transport.RoundTrip        30 +   0     1
//	store/memory                            56 +   0     1.9 (1.8 to 1.9)
//	store/postgres                         111 +  71     5.9 (5.3 to 7.0)
//	one row at a time, in a transaction    208 + 429    20.7 (19.8 to 23.3)
//	River 0.51.1, 1,000 workers, 1 ms      266 + 511    25.1 (23.6 to 26.4)
//
// River took 4.1 times (3.8 to 4.7) the processors' time of this store. In deliveries/s this store was at 0.26 (0.23 to 0.29) of
// the bare loop and at 3.6 times (3.2 to 4.2) River. Processors are what bounds it: a run costs the server two rows and six
// entries of indexes when it is published, two rows and five entries when it is settled.
//
// What the server spends on a run, in µs, by -bench Publish, Settle and Prune:
//
//	publish, 64 publishers of one run each, 10 or 10,000 accounts    69, 59
//	publish, 100 or 1,000 runs in a call                             45, 28
//	settle 500 with an attempt each                                  23
//	prune 200 at a time                                              38
//
// How long it takes to claim 500 runs, in ms, and what the server spends on each, in µs, by TENTERHOOK_BENCH_LARGE=1, -bench
// Claim -benchtime 30x, once, medians:
//
//	of 1,000 that wait, of 10 automations            24.4    47
//	of 100,000 that wait, of 10 automations          25.5    45
//	of 100,000 that wait, of 10,000 automations      28.3    46
//	of 1,000,000 that wait, of 10 automations        26.3    50
//	of 5,000,000 that wait, of 10 automations        27.3    51
//
// None of them grows with the backlog, with automations or with accounts, as far as was measured. A process that is handed
// its own runs does not claim them. Where all was claimed from a backlog of 4,000 (-bench Processes -benchtime 4000x, once), one
// process cost the server 193 µs a run, two 300 and four 418, and none was sent twice: processes that claim look past rows that
// another has locked. More of them are for safety, not for speed, once one keeps up.
//
// # What the next step is
//
// More processes on the same database: they share all there is to send, and any takes over from one that died. They add no room
// in the database, only for what happens outside it.
//
// A larger server, or none of the others' work on it: publishing and settling are bounded by its processors, then by how fast its
// log reaches the disk. Keep runs for a shorter time (webhook.Options has Retention and RetentionOf) before anything else: what is
// kept is what autovacuum, backups and caches have to carry.
//
// Reading elsewhere: [Options] on the DSN of a hot standby gives a Store whose [store.Reader] works, as it only selects; nothing
// else of it does. The server has to be migrated by a process that may write. It lags behind, so show it to people, and do not
// decide anything by it.
//
// Accounts over several databases: package store/route. An account's events, runs and automations are in one of them, and
// nothing else is shared, so capacity adds up, and what befalls one is no affair of the others' customers.
//
// Engines that speak PostgreSQL's protocol over many machines have not been tried. What they would have to do as PostgreSQL
// does: FOR UPDATE SKIP LOCKED inside a data-modifying WITH (claims, notices); INSERT … ON CONFLICT DO NOTHING RETURNING and
// UPDATE … FROM … RETURNING of the other table's columns (publish, settle); unnest of several arrays WITH ORDINALITY; partial
// indexes, which keep claims cheap beside what is held or has ended; recursive WITH over an index (lanes, accounts);
// LATERAL; a sequence, whose numbers there are often not in the order of creation, as lists need them; functions in SQL
// (clock); COLLATE "C"; SET LOCAL of the planner's settings; advisory locks, for migrations, and in the one session that listens,
// with pg_locks. Read committed has to mean that a
// statement sees what was committed before it, and waits for rows rather than failing: those that fail as serializable (40001)
// are done again, up to ten times.
package postgres
