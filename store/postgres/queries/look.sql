-- What a claim looks at first, and a process that has nothing to do looks at alone: how long after now the earliest run in the
-- queue and the earliest notice are due, NULL: there is none; whether runs are held; and the version of the configuration.
-- Index: runs_due, notices_due, runs_held; the table of the version has one row. Lock: none.
SELECT (SELECT min(due) FROM tenterhook.runs WHERE status = 0 AND held <> 1) - tenterhook.clock($1),
	(SELECT min(due) FROM tenterhook.notices WHERE pending > 0) - tenterhook.clock($1),
	(SELECT true FROM tenterhook.runs WHERE held = 1 ORDER BY automation, seq LIMIT 1) IS NOT NULL,
	version
FROM tenterhook.meta
