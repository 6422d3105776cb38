-- Accounts that have runs, one seek each. Index: runs_account. Lock: none.
WITH RECURSIVE found (account) AS (
	SELECT min(account) FROM tenterhook_runs WHERE account > ?1
	UNION ALL
	SELECT (SELECT min(account) FROM tenterhook_runs WHERE account > found.account) FROM found WHERE found.account IS NOT NULL
)
SELECT account FROM found WHERE account IS NOT NULL LIMIT ?2
