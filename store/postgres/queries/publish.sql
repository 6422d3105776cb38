-- Creates runs, held when they are due in a held lane, unless their ids exist. Rows go in by id, so that of two that
-- publish the same neither waits for the other in a ring. A message is kept under the first run that was to have it. Its plan
-- may have been made for fewer rows than it gets, so it joins nothing: that would be done row by row.
-- Index: the unique one of id, primary key of lanes. Lock: none that others wait for, but for the same id.
WITH clock AS MATERIALIZED (SELECT tenterhook.clock($1) AS now),
entry AS MATERIALIZED (
	SELECT nextval('tenterhook.runs_seq') AS seq, e.*
	FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
		$11::bigint[], $12::boolean[], $13::integer[], $14::bytea[])
		WITH ORDINALITY AS e (id, account, automation, action, event, type, url, person, facts, after, leased, message, body, n)
),
created AS (
	INSERT INTO tenterhook.runs (seq, id, account, automation, action, event, type, url, person, facts, message, created, status,
		changed, due, leased, owner, held, fence, tries, replays)
	SELECT e.seq, e.id, e.account, e.automation, e.action, e.event, e.type, e.url, nullif(e.person, ''), nullif(e.facts, ''),
		nullif(min(e.seq) OVER (PARTITION BY e.message), e.seq), clock.now,
		0, clock.now, clock.now + e.after, e.leased, CASE WHEN e.leased THEN $15::integer END,
		CASE WHEN NOT e.leased AND e.after <= 0
			AND (SELECT l.hold FROM tenterhook.lanes l WHERE l.automation = e.automation) IS NOT NULL THEN 1 ELSE 0 END,
		e.leased::integer, e.leased::integer, 0
	FROM entry e CROSS JOIN clock
	ORDER BY e.id, e.n
	ON CONFLICT (id) DO NOTHING
	RETURNING id, seq, coalesce(message, seq) AS message
),
kept AS (
	INSERT INTO tenterhook.messages (run, body)
	SELECT e.seq, e.body FROM entry e WHERE e.body IS NOT NULL AND (e.seq IN (SELECT message FROM created)) IS TRUE
)
SELECT created.id, created.seq, clock.now FROM created CROSS JOIN clock
