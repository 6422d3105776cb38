-- Those of the selected runs that the filter still selects, oldest first. Index: primary key. Lock: the writer's.
SELECT r.seq, r.id, r.status = 0 AND r.leased = 1 AND r.due > ?10
FROM tenterhook_runs r
WHERE r.seq IN (SELECT value FROM json_each(?11)) AND {{filter}}
ORDER BY r.seq
