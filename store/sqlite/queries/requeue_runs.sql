-- Puts an automation's held runs back into the queue. Index: runs_held. Lock: the writer's.
UPDATE tenterhook_runs SET held = 0 WHERE held = 1 AND automation = ?1
