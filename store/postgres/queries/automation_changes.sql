-- Automations saved or deleted since a version, with their health. Index: automations_version, primary key of lanes. Lock: none.
SELECT a.id, a.account, a.version, a.created, a.updated, a.doc, coalesce(l.health, '')
FROM tenterhook.automations a
	LEFT JOIN LATERAL (SELECT health FROM tenterhook.lanes WHERE automation = a.id LIMIT 1) l ON true
WHERE a.version > $1 AND ($1 > 0 OR a.doc IS NOT NULL)
ORDER BY a.version
