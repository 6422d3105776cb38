-- Removes runs that have ended; one that was replayed since it was selected stays. Index: primary key. Lock: the rows.
DELETE FROM tenterhook.runs WHERE seq = ANY($1::bigint[]) AND status <> 0 RETURNING seq
