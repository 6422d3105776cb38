-- Lanes that have held runs, by automation: one step down the index for each, however many runs it has. Index: runs_held,
-- primary keys. Lock: none.
WITH RECURSIVE found (automation) AS (
	SELECT min(automation) FROM tenterhook_runs WHERE held = 1 AND automation > ?1
	UNION ALL
	SELECT (SELECT min(r.automation) FROM tenterhook_runs r WHERE r.held = 1 AND r.automation > found.automation)
	FROM found WHERE found.automation IS NOT NULL LIMIT ?2
)
SELECT found.automation, coalesce(l.hold, ''), coalesce(l.until, 0),
	EXISTS (SELECT 1 FROM tenterhook_runs r WHERE r.seq = l.head AND r.status = 0 AND r.held <> 1)
FROM found LEFT JOIN tenterhook_lanes l ON l.automation = found.automation
WHERE found.automation IS NOT NULL
