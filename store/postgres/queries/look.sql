-- What a claim looks at first, and a process that has nothing to do looks at alone: how long after now the earliest run in the
-- queue and the earliest notice are due, NULL: there is none; whether runs are held; the version of the configuration; and, if it
-- asks, the sessions of other processes that are gone, as nobody has their locks. Index: runs_due, notices_due, runs_held; the table of
-- the version has one row, that of processes one for each. Lock: none.
SELECT (SELECT min(due) FROM tenterhook.runs WHERE status = 0 AND held <> 1) - tenterhook.clock($1),
	(SELECT min(due) FROM tenterhook.notices WHERE pending > 0) - tenterhook.clock($1),
	(SELECT true FROM tenterhook.runs WHERE held = 1 ORDER BY automation, seq LIMIT 1) IS NOT NULL,
	version,
	CASE WHEN $2::boolean THEN ARRAY(
		SELECT p.session FROM tenterhook.processes p
		WHERE p.owner <> $3::integer AND p.owner NOT IN (
			SELECT l.objid::integer FROM pg_catalog.pg_locks l
			WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.classid = 'tenterhook.processes'::regclass
				AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
		)
	) END
FROM tenterhook.meta
