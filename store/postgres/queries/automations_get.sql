-- Automations as they are stored. Index: primary key. Lock: none; the row of meta is locked.
SELECT id, account, version, created, doc FROM tenterhook.automations WHERE id = ANY($1::text[])
