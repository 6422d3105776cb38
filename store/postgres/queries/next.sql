-- How long after now the earliest run in the queue is due; NULL: there is none. Index: runs_due. Lock: none.
SELECT min(due) - tenterhook.clock($1) FROM tenterhook.runs WHERE status = 0 AND held <> 1
