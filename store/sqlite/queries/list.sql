-- Runs by filter, newest first. Index: that of the scope, primary key of lanes. Lock: none.
SELECT r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, r.facts, r.created, r.status, r.changed, r.due, r.leased, r.held, l.hold, l.until, r.fence, r.tries, r.replays, NULL
FROM tenterhook_runs r LEFT JOIN tenterhook_lanes l ON l.automation = r.automation
WHERE {{scope}} AND r.seq < ?11 AND {{filter}}
ORDER BY r.seq DESC LIMIT ?12
