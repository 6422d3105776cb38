-- One run with its message. Index: the unique one of id. Lock: none.
SELECT r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, r.facts, r.created, r.status, r.changed, r.due, r.leased, r.held, r.fence, r.tries, r.replays,
	(SELECT body FROM tenterhook_messages m WHERE m.run = coalesce(r.message, r.seq))
FROM tenterhook_runs r WHERE r.id = ?1 AND r.account = ?2
