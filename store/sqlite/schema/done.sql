-- Notes that the next migration was done.
INSERT INTO tenterhook_steps SELECT count(*) + 1 FROM tenterhook_steps
