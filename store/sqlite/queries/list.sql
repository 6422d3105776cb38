-- Runs by filter, newest first. Index: that of the scope. Lock: none.
SELECT r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, r.facts, r.created, r.status, r.changed, r.due, r.leased, r.held, r.fence, r.tries, r.replays, NULL
FROM tenterhook_runs r
WHERE {{scope}} AND r.seq < ?10 AND {{filter}}
ORDER BY r.seq DESC LIMIT ?11
