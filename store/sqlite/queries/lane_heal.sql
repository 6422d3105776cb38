-- Begins an automation's health anew. Index: primary key. Lock: the writer's.
UPDATE tenterhook_lanes SET health = NULL WHERE automation = ?1
