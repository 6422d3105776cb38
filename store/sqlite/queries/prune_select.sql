-- The oldest runs of an account. Index: runs_account. Lock: none.
SELECT seq, status, created FROM tenterhook_runs WHERE account = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
