(?1 = '' OR r.account = ?1) AND (?2 = '' OR r.automation = ?2) AND (?3 = '' OR r.type = ?3)
	AND (?4 = '' OR instr(r.person, ?4) > 0) AND r.created >= ?5 AND r.created < ?6
	AND (?7 = '[]' OR CASE r.status WHEN 1 THEN 'succeeded' WHEN 2 THEN 'failed' ELSE iif(r.leased = 1 AND r.due > ?9, 'running', 'scheduled') END
		IN (SELECT value FROM json_each(?7)))
	AND (?8 = '[]' OR r.id IN (SELECT value FROM json_each(?8)))
