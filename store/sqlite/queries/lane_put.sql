-- Writes a lane. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_lanes (automation, gate, hold, until, head, health)
VALUES (?1, nullif(?2, ''), nullif(?3, ''), nullif(?4, 0), nullif(?5, 0), nullif(?6, ''))
ON CONFLICT (automation) DO UPDATE
SET gate = excluded.gate, hold = excluded.hold, until = excluded.until, head = excluded.head, health = excluded.health
