-- Removes keys that ended before a time, and has others forget tests that came before it. Index: keys_automation. Lock: the rows.
WITH old AS (
	SELECT id, ends < t.before AS ended
	FROM tenterhook.keys, (SELECT tenterhook.clock($1) - $4::bigint) AS t (before)
	WHERE account = $2 AND automation = ANY($3::text[]) AND (ends < t.before OR tested < t.before)
	FOR UPDATE OF keys
),
gone AS (DELETE FROM tenterhook.keys k USING old WHERE k.id = old.id AND old.ended RETURNING 1),
forgot AS (UPDATE tenterhook.keys k SET tested = NULL, test = NULL FROM old WHERE k.id = old.id AND old.ended IS NOT TRUE RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM forgot)
