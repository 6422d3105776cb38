-- Automations that may be released. Index: lanes_hold. Lock: none.
SELECT automation FROM tenterhook_lanes WHERE hold = ?1 ORDER BY automation LIMIT 1000
