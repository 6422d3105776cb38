-- Saves automations, and rings for the other processes: here, as a change that is refused before must not silence the bell for what
-- others do. Index: primary key. Lock: the rows.
WITH put AS (
	INSERT INTO tenterhook.automations (id, account, version, created, updated, doc)
	SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
	ON CONFLICT (id) DO UPDATE SET version = excluded.version, updated = excluded.updated, doc = excluded.doc
	RETURNING id
)
SELECT tenterhook.ring() FROM put LIMIT 1
