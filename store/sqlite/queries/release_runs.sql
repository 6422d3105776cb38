-- Puts an automation's oldest held runs back into the queue. Index: runs_held, then primary key. Lock: the writer's.
UPDATE tenterhook_runs SET held = NULL
WHERE seq IN (SELECT seq FROM tenterhook_runs WHERE automation = ?1 AND held IS NOT NULL ORDER BY seq LIMIT ?2)
