-- Whether the schema is there, whether it has our table of steps, and how many others it has; and the encoding of the database.
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
	count(*) FILTER (WHERE c.relname = 'steps') > 0,
	count(*) FILTER (WHERE c.relname <> 'steps'),
	pg_catalog.current_setting('server_encoding')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
