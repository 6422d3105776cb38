-- Lanes, for a change. Index: primary key. Lock: the rows, by automation, so that of two that want the same neither waits
-- for the other in a ring.
SELECT automation, coalesce(gate, ''), coalesce(hold, ''), coalesce(until, 0), coalesce(head, 0), coalesce(health, ''), tenterhook.clock($1)
FROM tenterhook.lanes WHERE automation = ANY($2::text[])
ORDER BY automation
FOR UPDATE
