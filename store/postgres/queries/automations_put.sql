-- Saves automations. Index: primary key. Lock: the rows.
INSERT INTO tenterhook.automations (id, account, version, created, updated, doc)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
ON CONFLICT (id) DO UPDATE SET version = excluded.version, updated = excluded.updated, doc = excluded.doc
