-- How long after now the earliest notice is due; NULL: there is none. Index: notices_due. Lock: none.
SELECT min(due) - tenterhook.clock($1) FROM tenterhook.notices WHERE pending > 0
