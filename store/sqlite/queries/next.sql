-- The earliest due time in the queue. Index: runs_due. Lock: none.
SELECT min(due) FROM tenterhook_runs WHERE status = 0 AND held <> 1
