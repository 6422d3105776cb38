-- Removes messages that no run has any more. Index: primary keys, runs_shared. Lock: the messages, which the transaction has.
DELETE FROM tenterhook.messages m
WHERE m.run = ANY($1::bigint[])
	AND NOT EXISTS (SELECT FROM tenterhook.runs r WHERE r.seq = m.run)
	AND NOT EXISTS (SELECT FROM tenterhook.runs r WHERE r.message = m.run)
