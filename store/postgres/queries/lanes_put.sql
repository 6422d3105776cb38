-- Writes lanes. Index: primary key. Lock: the rows, which the transaction has.
UPDATE tenterhook.lanes l
SET gate = nullif(n.gate, ''), hold = nullif(n.hold, ''), until = nullif(n.until, 0), head = nullif(n.head, 0), health = nullif(n.health, '')
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[]) AS n (automation, gate, hold, until, head, health)
WHERE l.automation = n.automation
