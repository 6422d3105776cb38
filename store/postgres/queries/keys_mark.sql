-- Notes what happened to keys, one mark each: an end only moves closer, an empty test forgets the one kept. Index: primary
-- key. Lock: the rows.
UPDATE tenterhook.keys k SET
	used = CASE WHEN m.used THEN tenterhook.clock($1) ELSE k.used END,
	ends = least(k.ends, tenterhook.clock($1) + m.after),
	tested = CASE WHEN m.test IS NULL THEN k.tested WHEN length(m.test) > 0 THEN tenterhook.clock($1) END,
	test = nullif(coalesce(m.test, k.test), '')
FROM unnest($2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::bytea[]) AS m (account, id, used, after, test)
WHERE k.id = m.id AND k.account = m.account
