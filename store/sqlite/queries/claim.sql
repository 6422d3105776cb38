-- Runs that are due, those of held lanes marked as held unless they were let out. Index: runs_due, then primary keys.
-- Lock: the writer's.
SELECT r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, r.facts, r.created, r.status, r.changed, r.due, r.leased,
	iif(l.hold IS NULL OR r.held = 2 AND l.hold <> 'disabled', r.held, 1), l.hold, l.until, r.fence, r.tries, r.replays,
	(SELECT body FROM tenterhook_messages m WHERE m.run = coalesce(r.message, r.seq))
FROM tenterhook_runs r LEFT JOIN tenterhook_lanes l ON l.automation = r.automation
WHERE r.status = 0 AND r.held <> 1 AND r.due <= ?1
ORDER BY r.due LIMIT ?2
