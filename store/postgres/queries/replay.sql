-- Makes those of the selected runs due now that the filter still selects and that are not running, with a new budget of
-- tries, or held where their lanes are, and rings for the other processes. Index: primary keys. Lock: the runs, oldest first.
WITH chosen AS MATERIALIZED (
	SELECT r.seq, r.id, coalesce(r.status = 0 AND r.leased AND r.due > tenterhook.clock($10), false) AS running
	FROM tenterhook.runs r
	WHERE r.seq = ANY($11::bigint[]) AND {{filter}}
	ORDER BY r.seq
	FOR UPDATE
),
due AS (
	UPDATE tenterhook.runs r
	SET status = 0, changed = tenterhook.clock($10), due = tenterhook.clock($10), leased = false, tries = 0, replays = r.replays + 1,
		held = CASE WHEN (SELECT l.hold FROM tenterhook.lanes l WHERE l.automation = r.automation) IS NOT NULL THEN 1 ELSE 0 END
	FROM chosen c
	WHERE r.seq = c.seq AND NOT c.running
)
SELECT id, running FROM chosen CROSS JOIN LATERAL (SELECT tenterhook.ring() LIMIT 1) rung ORDER BY seq
