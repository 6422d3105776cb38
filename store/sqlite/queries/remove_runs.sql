-- Removes runs, and returns whose messages they had. Index: primary keys. Lock: the writer's.
DELETE FROM tenterhook_runs WHERE seq IN (SELECT value FROM json_each(?1))
RETURNING coalesce(message, seq)
