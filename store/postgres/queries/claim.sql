-- Leases the runs that are due first, but takes those of held lanes that were not let out of the queue instead. Index:
-- runs_due, then primary keys. Lock: the rows that it takes; it waits for none, what another is taking is not for it.
WITH clock AS MATERIALIZED (SELECT tenterhook.clock($1) AS now),
met AS MATERIALIZED (
	SELECT seq, automation, held
	FROM tenterhook.runs
	WHERE status = 0 AND held <> 1 AND due <= tenterhook.clock($1)
	ORDER BY due LIMIT $2
	FOR UPDATE SKIP LOCKED
),
lane AS MATERIALIZED (SELECT met.*, (SELECT l.hold FROM tenterhook.lanes l WHERE l.automation = met.automation) AS hold FROM met),
told AS MATERIALIZED (SELECT seq, hold IS NOT NULL AND (held = 0 OR hold = 'disabled') AS blocked FROM lane),
taken AS (
	UPDATE tenterhook.runs r
	SET due = CASE WHEN told.blocked THEN r.due ELSE clock.now + $3::bigint END, leased = NOT told.blocked,
		owner = $4::integer, held = CASE WHEN told.blocked THEN 1 ELSE r.held END,
		changed = CASE WHEN told.blocked THEN r.changed ELSE clock.now END,
		fence = r.fence + CASE WHEN told.blocked THEN 0 ELSE 1 END, tries = r.tries + CASE WHEN told.blocked THEN 0 ELSE 1 END
	FROM told CROSS JOIN clock
	WHERE r.seq = told.seq
	RETURNING r.*, told.blocked
)
SELECT clock.now, r.seq, r.id, r.account, r.automation, r.action, r.event, r.type, r.url, coalesce(r.facts, ''), r.created, r.status,
	r.changed, coalesce(r.due, 0), r.leased, r.held, '', 0::bigint, r.fence, r.tries, r.replays,
	CASE WHEN NOT r.blocked THEN (SELECT m.body FROM tenterhook.messages m WHERE m.run = coalesce(r.message, r.seq)) END
FROM taken r CROSS JOIN clock
