-- Takes out of the queue, of the runs that are due first, those of held lanes that were not let out. Index: runs_due,
-- then primary keys. Lock: the writer's.
UPDATE tenterhook_runs SET held = 1, leased = 0
WHERE seq IN (
	SELECT met.seq
	FROM (SELECT seq, automation, held FROM tenterhook_runs WHERE status = 0 AND held <> 1 AND due <= ?1 ORDER BY due LIMIT ?2) met
		JOIN tenterhook_lanes l ON l.automation = met.automation
	WHERE l.hold = 'disabled' OR l.hold IS NOT NULL AND met.held = 0
)
