-- Removes runs that have ended with their attempts, and counts both; one that was replayed since it was selected stays.
-- Index: primary keys. Lock: the rows.
WITH gone AS (DELETE FROM tenterhook.runs WHERE seq = ANY($1::bigint[]) AND status <> 0 RETURNING seq),
told AS (DELETE FROM tenterhook.attempts a USING gone WHERE a.run = gone.seq RETURNING a.run)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM told)
