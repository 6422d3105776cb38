-- Leases notices that are due. Index: notices_due, then primary key. Lock: the writer's.
UPDATE tenterhook_notices SET due = ?1 + ?2, fence = fence + 1
WHERE (automation, change) IN (SELECT automation, change FROM tenterhook_notices WHERE pending > 0 AND due <= ?1 ORDER BY due LIMIT ?3)
RETURNING automation, change, doc, pending, fence
