-- One run with its message and attempts, oldest first. Index: the unique one of id, primary keys. Lock: none.
SELECT tenterhook.clock($1), r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, coalesce(r.facts, ''), r.created,
	r.status, r.changed, coalesce(r.due, 0), r.leased, r.held, coalesce(l.hold, ''), coalesce(l.until, 0), r.fence, r.tries, r.replays,
	(SELECT m.body FROM tenterhook.messages m WHERE m.run = coalesce(r.message, r.seq)),
	ARRAY(SELECT a.doc FROM tenterhook.attempts a WHERE a.run = r.seq ORDER BY a.fence)
FROM tenterhook.runs r
	LEFT JOIN LATERAL (SELECT hold, until FROM tenterhook.lanes WHERE automation = r.automation LIMIT 1) l ON true
WHERE r.id = $2 AND r.account = $3
