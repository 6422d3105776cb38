-- Forgets automations' health and hold. Index: primary key. Lock: the rows, which the transaction has.
DELETE FROM tenterhook.lanes WHERE automation = ANY($1::text[])
