-- Creates runs, held when they are due in a held lane, unless their ids exist. Rows go in by id, so that of two that
-- publish the same neither waits for the other in a ring. A message is kept under the first run that was to have it.
-- Index: the unique one of id, primary key of lanes. Lock: none that others wait for, but for the same id.
WITH clock AS MATERIALIZED (SELECT tenterhook.clock($1) AS now),
entry AS MATERIALIZED (
	SELECT nextval('tenterhook.runs_seq') AS seq, e.*
	FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
		$11::bigint[], $12::boolean[], $13::integer[])
		WITH ORDINALITY AS e (id, account, automation, action, event, type, url, person, facts, after, leased, body, n)
),
owner AS MATERIALIZED (SELECT body, min(seq) AS seq FROM entry GROUP BY body),
created AS (
	INSERT INTO tenterhook.runs (seq, id, account, automation, action, event, type, url, person, facts, message, created, status,
		changed, due, leased, held, fence, tries, replays)
	SELECT e.seq, e.id, e.account, e.automation, e.action, e.event, e.type, e.url, e.person, e.facts, nullif(o.seq, e.seq), clock.now,
		0, clock.now, clock.now + e.after, e.leased,
		CASE WHEN NOT e.leased AND e.after <= 0
			AND (SELECT l.hold FROM tenterhook.lanes l WHERE l.automation = e.automation) IS NOT NULL THEN 1 ELSE 0 END,
		e.leased::integer, e.leased::integer, 0
	FROM entry e JOIN owner o ON o.body = e.body CROSS JOIN clock
	ORDER BY e.id, e.n
	ON CONFLICT (id) DO NOTHING
	RETURNING seq, coalesce(message, seq) AS message
),
kept AS (
	INSERT INTO tenterhook.messages (run, body)
	SELECT o.seq, m.body
	FROM unnest($14::bytea[]) WITH ORDINALITY AS m (body, n) JOIN owner o ON o.body = m.n
	WHERE o.seq IN (SELECT message FROM created)
)
SELECT e.n, e.seq, clock.now FROM created c JOIN entry e ON e.seq = c.seq CROSS JOIN clock
