# Runs the pgbouncer $1 before the PostgreSQL server in the folder above data, until standard input ends; then removes its own
# folder $2. Prints "ready" when it takes connections, else what went wrong, and closes standard output.
pgbouncer=${1%%:*} server=${1#*:} folder=$2

cat >"$folder/pgbouncer.ini" <<END
[databases]
* = host=$server port=5432 user=tenterhook
[pgbouncer]
listen_addr =
listen_port = 5432
unix_socket_dir = $folder
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
END
"$pgbouncer" --quiet "$folder/pgbouncer.ini" >"$folder/log" 2>&1 </dev/null &
pid=$!
tries=0
until [ -S "$folder/.s.PGSQL.5432" ] || [ $tries -ge 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
if [ -S "$folder/.s.PGSQL.5432" ]; then
  echo ready
else
  tail -n 5 "$folder/log"
fi
exec >&- 2>&-
cat >/dev/null
kill "$pid"
wait "$pid"
cd / && rm -rf "$folder"
