-- Writes the health that results leave behind, of those whose lease still holds. Index: primary keys. Lock: the writer's.
INSERT INTO tenterhook_lanes (automation, health)
SELECT r.automation, nullif(j.value ->> 6, '{}')
FROM json_each(?1) j CROSS JOIN tenterhook_runs r
	ON r.seq = j.value ->> 0 AND r.id = j.value ->> 1 AND r.fence = j.value ->> 2 AND r.leased = 1 AND r.status = 0
WHERE j.value ->> 6 IS NOT NULL
ON CONFLICT (automation) DO UPDATE SET health = excluded.health
