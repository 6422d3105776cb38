-- Holds runs that were just settled. Index: primary key. Lock: the runs, which the transaction has.
UPDATE tenterhook.runs SET held = 1 WHERE seq = ANY($1::bigint[])
