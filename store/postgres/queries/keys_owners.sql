-- The automations that keys are for, as long as they are not deleted. Index: primary key. Lock: the rows, shared, so that none
-- is deleted before its keys are committed.
SELECT id, account FROM tenterhook.automations WHERE id = ANY($1::text[]) AND doc IS NOT NULL FOR SHARE
