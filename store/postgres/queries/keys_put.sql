-- Adds keys, but for those whose id or hash is there. Index: primary key, unique hash. Lock: the rows.
INSERT INTO tenterhook.keys (id, account, automation, hash, created, ends, doc)
SELECT k.id, k.account, k.automation, k.hash, tenterhook.clock($1), k.ends, k.doc
FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[]) AS k (id, account, automation, hash, ends, doc)
ON CONFLICT DO NOTHING
RETURNING tenterhook.clock($1), id, account, automation, hash, created, ends, used, tested, test, doc
