-- Makes sure that lanes have a row to lock. Index: primary key. Lock: new rows, by automation.
INSERT INTO tenterhook.lanes (automation)
SELECT automation FROM unnest($1::text[]) automation ORDER BY automation COLLATE "C"
ON CONFLICT (automation) DO NOTHING
