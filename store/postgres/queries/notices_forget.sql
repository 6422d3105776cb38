-- Forgets notices that were told, once their quiet time has passed. Index: notices_told, then primary key. Lock: the rows that
-- it takes; it waits for none.
WITH told AS MATERIALIZED (
	SELECT automation, change FROM tenterhook.notices
	WHERE pending = 0 AND due <= tenterhook.clock($1) ORDER BY due LIMIT $2
	FOR UPDATE SKIP LOCKED
)
DELETE FROM tenterhook.notices n USING told WHERE n.automation = told.automation AND n.change = told.change
