-- Moves a run whose lease still holds; one that is due in a held lane is held. Index: primary keys. Lock: the writer's.
UPDATE tenterhook_runs
SET status = ?4, changed = ?5, due = ?6, leased = 0, tries = tries - ?7,
	held = CASE WHEN ?6 <= ?5
		THEN EXISTS (SELECT 1 FROM tenterhook_lanes l WHERE l.automation = tenterhook_runs.automation AND l.hold IS NOT NULL)
		ELSE 0 END
WHERE seq = ?1 AND id = ?2 AND fence = ?3 AND leased = 1 AND status = 0
