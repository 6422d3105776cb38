(?1 = '' OR r.account = ?1) AND (?2 = '' OR r.automation = ?2) AND (?3 = '' OR r.action = ?3) AND (?4 = '' OR r.type = ?4)
	AND (?5 = '' OR instr(r.person, ?5) > 0) AND r.created >= ?6 AND r.created < ?7
	AND (?8 = '[]' OR CASE r.status WHEN 1 THEN 'succeeded' WHEN 2 THEN 'failed' ELSE iif(r.leased = 1 AND r.due > ?10, 'running', 'scheduled') END
		IN (SELECT value FROM json_each(?8)))
	AND (?9 = '[]' OR r.id IN (SELECT value FROM json_each(?9)))
