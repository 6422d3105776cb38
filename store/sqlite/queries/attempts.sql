-- The attempts of a run, oldest first. Index: primary key. Lock: none.
SELECT doc FROM tenterhook_attempts WHERE run = ?1 ORDER BY fence
