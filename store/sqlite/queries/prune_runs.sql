-- Removes runs that have ended, and by cascade their attempts; one that was replayed since it was selected stays. Returns
-- whose messages they had. Index: primary keys. Lock: the writer's.
DELETE FROM tenterhook_runs WHERE seq IN (SELECT value FROM json_each(?1)) AND status <> 0
RETURNING coalesce(message, seq)
