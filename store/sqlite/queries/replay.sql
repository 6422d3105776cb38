-- Makes runs due now, or held where their lanes are, with a new budget of tries. Index: primary keys. Lock: the writer's.
UPDATE tenterhook_runs
SET status = 0, changed = ?2, due = ?2, leased = 0, tries = 0, replays = replays + 1,
	held = EXISTS (SELECT 1 FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation AND l.hold IS NOT NULL)
WHERE seq IN (SELECT value FROM json_each(?1))
