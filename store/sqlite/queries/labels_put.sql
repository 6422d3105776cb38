-- Replaces the data labels of a survey. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_labels (account, survey, version, doc) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (account, survey) DO UPDATE SET version = excluded.version, doc = excluded.doc
