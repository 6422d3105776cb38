-- Which of the runs that lanes let out last are neither ended nor gone, nor held again. Index: primary key. Lock: none.
SELECT seq FROM tenterhook.runs WHERE seq = ANY($1::bigint[]) AND status = 0 AND held <> 1
