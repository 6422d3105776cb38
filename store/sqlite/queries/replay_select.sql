-- Runs to replay by filter, oldest first. Index: that of the scope. Lock: the writer's.
SELECT r.seq, r.id, r.status = 0 AND r.leased = 1 AND r.due > ?9
FROM tenterhook_runs r
WHERE {{scope}} AND r.seq > ?10 AND {{filter}}
ORDER BY r.seq LIMIT ?11
