-- Whether a lane has held runs. Index: runs_held. Lock: the writer's.
SELECT EXISTS (SELECT 1 FROM tenterhook_runs WHERE held = 1 AND automation = ?1)
