-- Adds a key, unless its id or hash is there. Index: primary key, unique hash. Lock: the writer's.
INSERT INTO tenterhook_keys (id, account, automation, hash, created, ends, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT DO NOTHING
