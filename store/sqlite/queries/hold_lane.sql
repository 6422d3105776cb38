-- Marks an automation as held. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_lanes (automation, hold) VALUES (?1, ?2)
ON CONFLICT (automation) DO UPDATE SET hold = excluded.hold
