-- Removes the attempts of runs. Index: primary key. Lock: the writer's.
DELETE FROM tenterhook_attempts WHERE run IN (SELECT value FROM json_each(?1))
