-- Lanes that have held runs, by automation: one step down the index for each, however many runs it has. Index: runs_held,
-- primary keys. Lock: none.
WITH RECURSIVE step (automation) AS (
	SELECT (SELECT r.automation FROM tenterhook.runs r WHERE r.held = 1 AND r.automation > $2 ORDER BY r.automation, r.seq LIMIT 1)
	UNION ALL
	SELECT (SELECT r.automation FROM tenterhook.runs r WHERE r.held = 1 AND r.automation > step.automation ORDER BY r.automation, r.seq LIMIT 1)
	FROM step WHERE step.automation IS NOT NULL
),
found AS MATERIALIZED (SELECT automation FROM step WHERE automation IS NOT NULL LIMIT $3)
SELECT found.automation, coalesce(l.hold, ''), coalesce(l.until, 0) - tenterhook.clock($1),
	EXISTS (SELECT FROM tenterhook.runs r WHERE r.seq = l.head AND r.status = 0 AND r.held <> 1)
FROM found
	LEFT JOIN LATERAL (SELECT hold, until, head FROM tenterhook.lanes WHERE automation = found.automation LIMIT 1) l ON true
ORDER BY found.automation
