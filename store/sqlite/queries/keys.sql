-- The keys of an automation. Index: keys_automation, then primary key. Lock: none.
SELECT id, account, automation, hash, created, ends, used, tested, test, doc
FROM tenterhook_keys WHERE account = ?1 AND automation = ?2
