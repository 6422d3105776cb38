-- What of runs a person's address may be in, their attempts aside. Index: primary keys. Lock: none.
SELECT r.seq, r.event, r.url, r.facts, (SELECT body FROM tenterhook_messages m WHERE m.run = coalesce(r.message, r.seq))
FROM tenterhook_runs r WHERE r.seq IN (SELECT value FROM json_each(?1))
