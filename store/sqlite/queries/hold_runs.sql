-- Takes an automation's waiting runs, those under a lease aside, out of the queue. Index: runs_automation. Lock: the writer's.
UPDATE tenterhook_runs SET held = ?2, leased = 0
WHERE automation = ?1 AND status = 0 AND (leased = 0 OR due <= ?3)
