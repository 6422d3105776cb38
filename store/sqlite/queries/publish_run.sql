-- Creates a run, held when it is due in a held lane, unless its id exists. Index: the unique one of id, primary key of
-- lanes. Lock: the writer's.
INSERT INTO tenterhook_runs (id, account, automation, action, event, type, url, person, facts, message, created, status, changed, due, leased, held, fence, tries, replays)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?11, ?, ?,
	CASE WHEN ?13 = 0 AND ?12 <= ?11 THEN EXISTS (SELECT 1 FROM tenterhook_lanes WHERE automation = ?3 AND hold IS NOT NULL) ELSE 0 END,
	?13, ?13, 0)
ON CONFLICT (id) DO NOTHING
