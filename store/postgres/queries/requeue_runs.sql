-- Puts automations' held runs back into the queue. Index: runs_held. Lock: the runs.
UPDATE tenterhook.runs SET held = 0 WHERE held = 1 AND automation = ANY($1::text[])
