-- How many runs of each status a filter selects. Index: that of the scope. Lock: none.
SELECT r.status, r.leased = 1 AND r.due > ?10 AS running, count(*)
FROM tenterhook_runs r
WHERE {{scope}} AND {{filter}}
GROUP BY 1, 2
