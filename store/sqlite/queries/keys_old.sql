-- Whether an account's automations have keys that ended before a time, or remember an older test. Index: keys_automation, then
-- primary key. Lock: none.
SELECT EXISTS (
	SELECT 1 FROM tenterhook_keys
	WHERE account = ?1 AND automation IN (SELECT value FROM json_each(?2)) AND (ends < ?3 OR tested < ?3)
)
