-- Accounts that have runs, one step down the index each. Index: runs_account. Lock: none.
WITH RECURSIVE step (account) AS (
	SELECT (SELECT r.account FROM tenterhook.runs r WHERE r.account > $1 ORDER BY r.account, r.seq LIMIT 1)
	UNION ALL
	SELECT (SELECT r.account FROM tenterhook.runs r WHERE r.account > step.account ORDER BY r.account, r.seq LIMIT 1)
	FROM step WHERE step.account IS NOT NULL
)
SELECT account FROM step WHERE account IS NOT NULL LIMIT $2
