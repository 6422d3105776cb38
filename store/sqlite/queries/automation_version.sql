-- What a save is compared with. Index: primary key. Lock: the writer's.
SELECT account, version, created, doc IS NULL FROM tenterhook_automations WHERE id = ?1
