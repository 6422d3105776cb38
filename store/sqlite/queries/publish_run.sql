-- Creates a run, held when it is due in a held lane, unless its id exists. Index: the unique one of id, primary key of
-- lanes. Lock: the writer's.
INSERT INTO tenterhook_runs (id, account, automation, action, event, type, url, person, facts, message, created, status, changed, due, leased, held, fence, tries, replays)
SELECT id, account, automation, action, event, type, url, person, facts, message, now, 0, now, due, leased,
	CASE WHEN leased = 0 AND due <= now
		THEN EXISTS (SELECT 1 FROM tenterhook_lanes l WHERE l.automation = new.automation AND l.hold IS NOT NULL)
		ELSE 0 END,
	leased, leased, 0
FROM (SELECT ? AS id, ? AS account, ? AS automation, ? AS action, ? AS event, ? AS type, ? AS url, ? AS person, ? AS facts, ? AS message,
	? AS now, ? AS due, ? AS leased) AS new
WHERE true
ON CONFLICT (id) DO NOTHING
