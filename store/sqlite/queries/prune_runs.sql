-- Removes runs, and by cascade their attempts. Index: primary keys. Lock: the writer's.
DELETE FROM tenterhook_runs WHERE seq IN (SELECT value FROM json_each(?1))
