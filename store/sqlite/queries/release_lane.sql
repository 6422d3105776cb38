-- Opens an automation that has no held runs left. Index: primary key, runs_held. Lock: the writer's.
UPDATE tenterhook_lanes SET hold = NULL
WHERE automation = ?1 AND NOT EXISTS (SELECT 1 FROM tenterhook_runs WHERE automation = ?1 AND held IS NOT NULL)
