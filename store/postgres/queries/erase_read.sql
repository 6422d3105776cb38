-- What of runs a person's address may be in, their attempts aside. Index: primary keys. Lock: none.
SELECT r.seq, r.event, r.url, coalesce(r.facts, ''),
	(SELECT m.body FROM tenterhook.messages m WHERE m.run = coalesce(r.message, r.seq))
FROM tenterhook.runs r WHERE r.seq = ANY($1::bigint[])
