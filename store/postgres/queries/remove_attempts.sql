-- Removes the attempts of runs that the transaction has removed: in a statement of its own, which sees those that were written while
-- that waited for the runs. Index: primary key. Lock: the rows.
DELETE FROM tenterhook.attempts WHERE run = ANY($1::bigint[])
