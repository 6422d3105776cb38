-- How many runs of each status a filter selects. Index: that of the scope. Lock: none.
SELECT r.status, coalesce(r.leased AND r.due > tenterhook.clock($10), false) AS running, count(*)
FROM tenterhook.runs r
WHERE {{scope}} AND {{filter}}
GROUP BY 1, 2
