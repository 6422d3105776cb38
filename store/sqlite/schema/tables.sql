-- Whether our table of steps is there, and how many other tables are.
SELECT count(*) FILTER (WHERE name = 'tenterhook_steps'), count(*) FILTER (WHERE name NOT LIKE 'tenterhook\_%' ESCAPE '\')
FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
