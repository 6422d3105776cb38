-- Leases notices that are due. Index: notices_due, then primary key. Lock: the rows that it takes; it waits for none.
WITH due AS MATERIALIZED (
	SELECT automation, change FROM tenterhook.notices
	WHERE pending > 0 AND due <= tenterhook.clock($1) ORDER BY due LIMIT $3
	FOR UPDATE SKIP LOCKED
)
UPDATE tenterhook.notices n SET due = tenterhook.clock($1) + $2::bigint, fence = n.fence + 1
FROM due WHERE n.automation = due.automation AND n.change = due.change
RETURNING n.automation, n.change, n.doc, n.pending, n.fence
