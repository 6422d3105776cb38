-- Takes what was told from notices whose lease still holds, and ends the lease. Index: primary key. Lock: the rows.
UPDATE tenterhook.notices n SET pending = n.pending - t.pending, due = tenterhook.clock($1) + $2::bigint, fence = n.fence + 1
FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[]) AS t (automation, change, fence, pending)
WHERE n.automation = t.automation AND n.change = t.change AND n.fence = t.fence
