-- Replaces the data labels of surveys. Index: primary key. Lock: the rows.
INSERT INTO tenterhook.labels (account, survey, version, doc)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
ON CONFLICT (account, survey) DO UPDATE SET version = excluded.version, doc = excluded.doc
