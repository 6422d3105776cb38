-- Makes due what processes had leased whose sessions are gone, forgets them, and rings for the other processes. It takes their
-- locks until it is done, so that of two that do so at once one does, and none that lives loses a lease; one that comes back meanwhile
-- waits, and begins anew. Index: runs_due, up to where their leases may end, then primary key; the table of processes has a row for
-- each. Lock: the processes, and the runs, unless another has them.
WITH gone AS MATERIALIZED (
	DELETE FROM tenterhook.processes p
	WHERE p.session = ANY($2::bigint[])
		AND pg_catalog.pg_try_advisory_xact_lock('tenterhook.processes'::regclass::oid::integer, p.owner)
	RETURNING p.owner
),
met AS MATERIALIZED (
	SELECT r.seq FROM tenterhook.runs r
	WHERE r.status = 0 AND r.held <> 1 AND r.due > tenterhook.clock($1) AND r.due <= tenterhook.clock($1) + $3::bigint
		AND r.leased AND r.owner IN (SELECT owner FROM gone)
	FOR UPDATE OF r SKIP LOCKED
),
ended AS (
	UPDATE tenterhook.runs r SET due = tenterhook.clock($1) FROM met WHERE r.seq = met.seq RETURNING r.seq
)
SELECT count(*), CASE WHEN count(*) > 0 THEN tenterhook.ring() END FROM ended
