-- Leases runs. Index: primary key. Lock: the writer's.
UPDATE tenterhook_runs SET due = ?2, leased = 1, fence = fence + 1, tries = tries + 1, changed = ?3
WHERE seq IN (SELECT value FROM json_each(?1))
