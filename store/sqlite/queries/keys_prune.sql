-- Removes keys that ended before a time. Index: keys_automation, then primary key. Lock: the writer's.
DELETE FROM tenterhook_keys
WHERE account = ?1 AND automation IN (SELECT value FROM json_each(?2)) AND ends < ?3
