-- Leases due runs. Index: runs_due, then primary key. Lock: the writer's.
UPDATE tenterhook_runs
SET due = ?1 + ?2, leased = 1, fence = fence + 1, tries = tries + 1, changed = ?1
WHERE seq IN (SELECT seq FROM tenterhook_runs WHERE status = 0 AND held IS NULL AND due <= ?1 ORDER BY due LIMIT ?3)
RETURNING seq, id, account, automation, action, event, type, url, facts, created, status, changed, due, leased, held, fence, tries, replays,
	(SELECT body FROM tenterhook_messages WHERE run = coalesce(message, seq))
