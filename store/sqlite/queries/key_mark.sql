-- Notes what happened to a key: an end only moves closer, an empty test forgets the one kept. Index: primary key. Lock: the
-- writer's.
UPDATE tenterhook_keys SET
	used = CASE WHEN ?4 THEN ?3 ELSE used END,
	ends = min(coalesce(ends, ?5), coalesce(?5, ends)),
	tested = CASE WHEN ?6 IS NULL THEN tested WHEN length(?6) > 0 THEN ?3 END,
	test = nullif(coalesce(?6, test), x'')
WHERE id = ?2 AND account = ?1
