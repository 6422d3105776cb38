-- The attempts of runs. Index: primary key. Lock: none.
SELECT run, doc FROM tenterhook.attempts WHERE run = ANY($1::bigint[])
