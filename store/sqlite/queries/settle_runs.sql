-- Moves the runs of results whose lease still holds, and tells which. Index: primary key. Lock: the writer's.
UPDATE tenterhook_runs
SET status = j.status, changed = ?2, due = CASE WHEN j.status = 0 THEN ?2 + j.after END, leased = 0,
	held = CASE WHEN j.status = 0 THEN (SELECT hold FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation) END,
	tries = tries - j.unused
FROM (
	SELECT value ->> 0 AS seq, value ->> 1 AS id, value ->> 2 AS fence, value ->> 3 AS status, value ->> 4 AS after, value ->> 5 AS unused
	FROM json_each(?1)
) j
WHERE tenterhook_runs.seq = j.seq AND tenterhook_runs.id = j.id AND tenterhook_runs.fence = j.fence
	AND tenterhook_runs.leased = 1 AND tenterhook_runs.status = 0
RETURNING id, fence, automation
