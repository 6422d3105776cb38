-- Has keys forget tests that came before a time. Index: keys_automation, then primary key. Lock: the writer's.
UPDATE tenterhook_keys SET tested = NULL, test = NULL
WHERE account = ?1 AND automation IN (SELECT value FROM json_each(?2)) AND tested < ?3
