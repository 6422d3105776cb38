-- Replaces the data labels of surveys, and rings for the other processes, as a save of automations does. Index: primary key. Lock: the
-- rows.
WITH put AS (
	INSERT INTO tenterhook.labels (account, survey, version, doc)
	SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
	ON CONFLICT (account, survey) DO UPDATE SET version = excluded.version, doc = excluded.doc
	RETURNING survey
)
SELECT tenterhook.ring() FROM put LIMIT 1
