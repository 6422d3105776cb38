-- Removes the keys of an automation. Index: keys_automation, then primary key. Lock: the writer's.
DELETE FROM tenterhook_keys WHERE automation = ?1
