-- Forgets a process that goes of itself: its leases end with their time. Index: primary key. Lock: the row.
DELETE FROM tenterhook.processes WHERE owner = $1
