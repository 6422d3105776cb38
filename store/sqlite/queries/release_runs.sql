-- Lets an automation's oldest held runs out. Index: runs_held, then primary key. Lock: the writer's.
UPDATE tenterhook_runs SET held = 2
WHERE seq IN (SELECT seq FROM tenterhook_runs WHERE held = 1 AND automation = ?1 ORDER BY seq LIMIT ?2)
RETURNING seq
