-- How many migrations were done.
SELECT count(*) FROM tenterhook.steps
