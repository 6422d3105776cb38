-- Forgets notices that were told, once their quiet time has passed. Index: notices_told, then primary key. Lock: the writer's.
DELETE FROM tenterhook_notices
WHERE (automation, change) IN (SELECT automation, change FROM tenterhook_notices WHERE pending = 0 AND due <= ?1 ORDER BY due LIMIT ?2)
