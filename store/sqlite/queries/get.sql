-- One run with its message. Index: the unique one of id, primary key of lanes. Lock: none.
SELECT r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, r.facts, r.created, r.status, r.changed, r.due, r.leased, r.held, l.hold, l.until, r.fence, r.tries, r.replays,
	(SELECT body FROM tenterhook_messages m WHERE m.run = coalesce(r.message, r.seq))
FROM tenterhook_runs r LEFT JOIN tenterhook_lanes l ON l.automation = r.automation
WHERE r.id = ?1 AND r.account = ?2
