-- Writes the health that a result leaves behind. Index: primary keys. Lock: the writer's.
INSERT INTO tenterhook_lanes (automation, health) SELECT automation, nullif(?2, '{}') FROM tenterhook_runs WHERE seq = ?1
ON CONFLICT (automation) DO UPDATE SET health = excluded.health
