-- Moves a run whose lease still holds; one that is due in a held lane is held. Index: primary keys. Lock: the writer's.
UPDATE tenterhook_runs
SET status = ?, changed = ?, due = ?, leased = 0, tries = tries - ?,
	held = CASE WHEN ?3 <= ?2
		THEN EXISTS (SELECT 1 FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation AND l.hold IS NOT NULL)
		ELSE 0 END
WHERE seq = ? AND id = ? AND fence = ? AND leased = 1 AND status = 0
