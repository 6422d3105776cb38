-- Keeps what people are to be told, folded into what they are to be told of the same already. A new one's fence begins at the
-- time, so that none comes again after it was forgotten. Index: primary key. Lock: the rows, by automation and change.
INSERT INTO tenterhook.notices (automation, change, pending, due, fence, doc)
SELECT n.automation, n.change, n.pending, $1::bigint, $1::bigint, n.doc
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) AS n (automation, change, pending, doc)
ORDER BY n.automation COLLATE "C", n.change COLLATE "C"
ON CONFLICT (automation, change) DO UPDATE SET pending = notices.pending + excluded.pending, doc = excluded.doc
