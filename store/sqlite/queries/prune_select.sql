-- The oldest ended runs created before a time. Index: primary key; it reads no further than the first run that is young
-- enough to stay, since runs are numbered as they are created. Lock: the writer's.
SELECT seq, coalesce(message, seq) FROM tenterhook_runs
WHERE status <> 0 AND created < ?1
	AND seq < coalesce((SELECT seq FROM tenterhook_runs WHERE created >= ?1 ORDER BY seq LIMIT 1), 9223372036854775807)
ORDER BY seq LIMIT ?2
