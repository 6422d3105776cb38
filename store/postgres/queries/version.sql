-- Draws the next versions of the configuration, and tells the last of them. The table has one row. Lock: that row until the commit, so
-- that versions are committed in their order.
UPDATE tenterhook.meta SET version = version + $2::bigint RETURNING version, tenterhook.clock($1)
