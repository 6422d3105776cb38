-- Which lanes have held runs. Index: runs_held. Lock: none.
SELECT lane.automation
FROM unnest($1::text[]) AS lane (automation)
	CROSS JOIN LATERAL (SELECT FROM tenterhook.runs r WHERE r.held = 1 AND r.automation = lane.automation ORDER BY r.seq LIMIT 1) one
