-- An automation as it is stored. Index: primary key. Lock: the writer's.
SELECT account, version, created, doc FROM tenterhook_automations WHERE id = ?1
