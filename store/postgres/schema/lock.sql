-- Lets one process migrate a schema at a time. Lock: one of the transaction's, so that a pooling proxy may stand between.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 7374927465726))
