-- Moves the log into the file and empties it; whether it was kept from that comes first. Lock: the writer's.
PRAGMA wal_checkpoint(TRUNCATE)
