-- Moves a run whose lease still holds; one that is due at once, which the fifth parameter tells, is held in a held lane. Index:
-- primary keys. Lock: the writer's.
UPDATE tenterhook_runs
SET status = ?, changed = ?, due = ?, leased = 0, tries = tries - ?,
	held = ? AND EXISTS (SELECT 1 FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation AND l.hold IS NOT NULL)
WHERE seq = ? AND id = ? AND fence = ? AND leased = 1 AND status = 0
