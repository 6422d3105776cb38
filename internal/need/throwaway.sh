# Runs a PostgreSQL server in the folder $2, with the programs in the folder $1, until standard input ends; then removes the
# folder. Prints "ready" when the server takes connections, else what went wrong, and closes standard output.
bin=$1 folder=$2

initialise() {
  "$bin/initdb" --pgdata="$folder/data" --username=tenterhook --auth=trust --encoding=UTF8 --no-locale --no-sync "$@"
}

serve() {
  # Text sorts as in a dictionary, as it does in production, where the version can: bytes are compared by those who say so.
  initialise --locale-provider=icu --icu-locale=en-US || initialise || return
  # All other settings are the defaults, as in production: fsync above all.
  cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder'
port = 5432
max_connections = 200
END
  "$bin/pg_ctl" start --wait --pgdata="$folder/data" --log="$folder/log"
}

if serve </dev/null >"$folder/start" 2>&1; then
  echo ready
else
  tail -n 5 "$folder/start" "$folder/log" 2>/dev/null
fi
exec >&- 2>&-
cat >/dev/null
"$bin/pg_ctl" stop --mode=immediate --pgdata="$folder/data" </dev/null >/dev/null 2>&1
cd / && rm -rf "$folder"
