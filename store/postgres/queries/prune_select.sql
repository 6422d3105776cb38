-- The oldest runs of an account, and whether they are old. Index: runs_account. Lock: none.
SELECT seq, status, created < tenterhook.clock($1) - $5::bigint
FROM tenterhook.runs WHERE account = $2 AND seq > $3 ORDER BY seq LIMIT $4
