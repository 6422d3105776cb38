-- The keys of an automation. Index: keys_automation. Lock: none.
SELECT tenterhook.clock($1), id, account, automation, hash, created, ends, used, tested, test, doc
FROM tenterhook.keys WHERE account = $2 AND automation = $3
