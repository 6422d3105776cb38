-- Notes that the next migration was done.
INSERT INTO tenterhook.steps SELECT count(*) + 1 FROM tenterhook.steps
