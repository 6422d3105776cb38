-- Makes runs due now with a new budget of tries. Index: primary key. Lock: the writer's.
UPDATE tenterhook_runs
SET status = 0, changed = ?2, due = ?2, leased = 0, tries = 0, replays = replays + 1,
	held = (SELECT hold FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation)
WHERE seq IN (SELECT value FROM json_each(?1))
