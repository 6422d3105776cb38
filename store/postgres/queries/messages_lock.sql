-- The messages of runs. Index: primary keys. Lock: the messages, so that of two that remove runs which share one the later
-- sees what the other left.
SELECT m.run
FROM tenterhook.messages m
WHERE m.run IN (SELECT coalesce(r.message, r.seq) FROM tenterhook.runs r WHERE r.seq = ANY($1::bigint[]))
ORDER BY m.run
FOR UPDATE
