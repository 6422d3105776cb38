-- Writes the health that a result leaves behind. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_lanes (automation, health) VALUES (?1, nullif(?2, '{}'))
ON CONFLICT (automation) DO UPDATE SET health = excluded.health
