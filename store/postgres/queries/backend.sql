-- Which server process has the connection. Lock: none.
SELECT pg_catalog.pg_backend_pid()
