-- Registers a process under the session that has its lock from now on. Index: primary key. Lock: the row, and the advisory one,
-- shared, until the session ends; it waits for who is ending the owner's leases.
INSERT INTO tenterhook.processes (owner)
SELECT $1::integer FROM pg_catalog.pg_advisory_lock_shared('tenterhook.processes'::regclass::oid::integer, $1::integer)
ON CONFLICT (owner) DO UPDATE SET session = DEFAULT
