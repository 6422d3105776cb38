-- Appends the attempts of results whose lease still holds. Index: primary keys. Lock: the writer's.
INSERT INTO tenterhook_attempts (run, fence, doc)
SELECT r.seq, r.fence, j.value ->> 5
FROM json_each(?1) j CROSS JOIN tenterhook_runs r
	ON r.seq = j.value ->> 0 AND r.id = j.value ->> 1 AND r.fence = j.value ->> 2 AND r.leased = 1 AND r.status = 0
WHERE j.value ->> 5 IS NOT NULL
