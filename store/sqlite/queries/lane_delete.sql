-- Forgets an automation's health and hold. Index: primary key. Lock: the writer's.
DELETE FROM tenterhook_lanes WHERE automation = ?1
