-- Runs by filter, newest first. Index: that of the scope, primary key of lanes. Lock: none.
SELECT tenterhook.clock($10), r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, coalesce(r.facts, ''), r.created,
	r.status, r.changed, coalesce(r.due, 0), r.leased, r.held, coalesce(l.hold, ''), coalesce(l.until, 0), r.fence, r.tries, r.replays,
	NULL::bytea
FROM tenterhook.runs r
	LEFT JOIN LATERAL (SELECT hold, until FROM tenterhook.lanes WHERE automation = r.automation LIMIT 1) l ON true
WHERE {{scope}} AND r.seq < $11 AND {{filter}}
ORDER BY r.seq DESC LIMIT $12
