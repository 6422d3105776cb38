-- The version of the configuration. The table has one row. Lock: none.
SELECT version FROM tenterhook.meta
