-- Automations saved or deleted since a version, with their health. Index: automations_version, primary key of lanes. Lock: none.
SELECT a.id, a.account, a.version, a.created, a.updated, a.doc, coalesce(l.health, '')
FROM tenterhook_automations a LEFT JOIN tenterhook_lanes l ON l.automation = a.id
WHERE a.version > ?1 AND (?1 > 0 OR a.doc IS NOT NULL)
ORDER BY a.version
