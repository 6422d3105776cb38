-- Which runs a filter selects, oldest first. Index: that of the scope. Lock: none.
SELECT r.seq
FROM tenterhook.runs r
WHERE {{scope}} AND r.seq > $11 AND {{filter}}
ORDER BY r.seq LIMIT $12
