-- Takes out of the queue, of the runs that are due first, those of held lanes that were not let out. Index: runs_due,
-- then primary keys. Lock: the rows that it looks at, unless another has them.
WITH met AS MATERIALIZED (
	SELECT seq, automation, held
	FROM tenterhook.runs
	WHERE status = 0 AND held <> 1 AND due <= tenterhook.clock($1)
	ORDER BY due LIMIT $2
	FOR UPDATE SKIP LOCKED
),
lane AS MATERIALIZED (SELECT met.*, (SELECT l.hold FROM tenterhook.lanes l WHERE l.automation = met.automation) AS hold FROM met)
UPDATE tenterhook.runs r
SET held = 1, leased = false
FROM lane
WHERE r.seq = lane.seq AND lane.hold IS NOT NULL AND (lane.held = 0 OR lane.hold = 'disabled')
