-- Keeps what people are to be told, folded into what they are to be told of the same already. A new one's fence begins at the
-- time, so that none comes again after it was forgotten. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_notices (automation, change, pending, due, fence, doc) VALUES (?1, ?2, 1, ?3, ?3, ?4)
ON CONFLICT (automation, change) DO UPDATE SET pending = pending + 1, doc = excluded.doc
