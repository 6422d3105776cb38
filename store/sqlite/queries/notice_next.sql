-- The earliest time at which something is to be told. Index: notices_due. Lock: none.
SELECT min(due) FROM tenterhook_notices WHERE pending > 0
