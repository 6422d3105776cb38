-- What a claim looks at first: the earliest due time in the queue, that at which something is to be told, and the version of the
-- configuration. Index: runs_due, notices_due; the table of the version has one row. Lock: none.
SELECT (SELECT min(due) FROM tenterhook_runs WHERE status = 0 AND held <> 1),
	(SELECT min(due) FROM tenterhook_notices WHERE pending > 0),
	version
FROM tenterhook_meta
