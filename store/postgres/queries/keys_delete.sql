-- Removes the keys of automations. Index: keys_automation. Lock: the rows.
DELETE FROM tenterhook.keys WHERE automation = ANY($1::text[])
