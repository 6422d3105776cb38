-- Moves a run whose lease still holds. Index: primary key. Lock: the writer's.
UPDATE tenterhook_runs
SET status = ?4, changed = ?5, due = ?6, leased = 0, tries = tries - ?7,
	held = CASE WHEN ?4 = 0 THEN (SELECT hold FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation) END
WHERE seq = ?1 AND id = ?2 AND fence = ?3 AND leased = 1 AND status = 0
