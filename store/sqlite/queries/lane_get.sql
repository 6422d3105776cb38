-- A lane. Index: primary key. Lock: the writer's.
SELECT coalesce(gate, ''), coalesce(hold, ''), coalesce(until, 0), coalesce(head, 0), coalesce(health, '')
FROM tenterhook_lanes WHERE automation = ?1
