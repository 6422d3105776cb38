-- The attempts of runs. Index: primary key. Lock: none.
SELECT run, doc FROM tenterhook_attempts WHERE run IN (SELECT value FROM json_each(?1))
