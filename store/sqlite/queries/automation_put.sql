-- Saves an automation. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_automations (id, account, version, created, updated, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, updated = excluded.updated, doc = excluded.doc
