($1 = '' OR r.account = $1) AND ($2 = '' OR r.automation = $2) AND ($3 = '' OR r.action = $3) AND ($4 = '' OR r.type = $4)
	AND ($5 = '' OR strpos(r.person, $5) > 0) AND r.created >= $6 AND r.created < $7
	AND (cardinality($8::text[]) = 0 OR CASE r.status WHEN 1 THEN 'succeeded' WHEN 2 THEN 'failed'
		ELSE CASE WHEN r.leased AND r.due > tenterhook.clock($10) THEN 'running' ELSE 'scheduled' END END = ANY($8))
	AND (cardinality($9::text[]) = 0 OR r.id = ANY($9))
