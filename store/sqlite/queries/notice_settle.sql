-- Takes what was told from a notice whose lease still holds, and ends the lease. Index: primary key. Lock: the writer's.
UPDATE tenterhook_notices SET pending = pending - ?4, due = ?5, fence = fence + 1
WHERE automation = ?1 AND change = ?2 AND fence = ?3
