-- Draws the next version of the configuration. The table has one row. Lock: the writer's.
UPDATE tenterhook_meta SET version = version + 1 RETURNING version
