-- Creates a run, unless its id exists. Index: the unique one of id. Lock: the writer's.
INSERT INTO tenterhook_runs (id, account, automation, action, event, type, url, person, facts, message, created, status, changed, due, leased, held, fence, tries, replays)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?11, ?12, ?13,
	CASE WHEN ?13 = 0 THEN (SELECT hold FROM tenterhook_lanes WHERE automation = ?3) END, ?13, ?13, 0)
ON CONFLICT (id) DO NOTHING
