-- Removes runs. Index: primary key. Lock: the rows.
DELETE FROM tenterhook.runs WHERE seq = ANY($1::bigint[]) RETURNING seq
