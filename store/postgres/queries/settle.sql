-- Moves runs whose leases still hold and appends their attempts; one that is due in a held lane is held, unless whether
-- it is depends on what is judged before it. Index: primary keys. Lock: the runs.
WITH clock AS MATERIALIZED (SELECT tenterhook.clock($1) AS now),
outcome AS MATERIALIZED (
	SELECT *
	FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::smallint[], $6::bigint[], $7::boolean[], $8::text[])
		WITH ORDINALITY AS o (seq, id, fence, status, after, later, doc, n)
),
moved AS (
	UPDATE tenterhook.runs r
	SET status = o.status, changed = clock.now, due = CASE WHEN o.status = 0 THEN clock.now + o.after END, leased = false,
		tries = r.tries - CASE WHEN o.doc = '' THEN 1 ELSE 0 END,
		held = CASE WHEN o.status = 0 AND o.after <= 0 AND NOT o.later
			AND (SELECT l.hold FROM tenterhook.lanes l WHERE l.automation = r.automation) IS NOT NULL THEN 1 ELSE 0 END
	FROM outcome o CROSS JOIN clock
	WHERE r.seq = o.seq AND r.id = o.id AND r.fence = o.fence AND r.leased AND r.status = 0
	RETURNING o.n, r.automation, r.seq, o.fence, o.doc
),
told AS (
	INSERT INTO tenterhook.attempts (run, fence, doc) SELECT m.seq, m.fence, m.doc FROM moved m WHERE m.doc <> ''
)
SELECT m.n, clock.now, coalesce(l.hold, ''), l.health IS NOT NULL
FROM moved m CROSS JOIN clock
	LEFT JOIN LATERAL (SELECT hold, health FROM tenterhook.lanes WHERE automation = m.automation LIMIT 1) l ON true
ORDER BY m.n
