-- Removes messages that no run has any more. Index: primary keys, runs_shared. Lock: the writer's.
DELETE FROM tenterhook_messages
WHERE run IN (SELECT value FROM json_each(?1))
	AND NOT EXISTS (SELECT 1 FROM tenterhook_runs r WHERE r.seq = tenterhook_messages.run)
	AND NOT EXISTS (SELECT 1 FROM tenterhook_runs r WHERE r.message = tenterhook_messages.run)
