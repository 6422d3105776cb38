-- One row for each migration that was done.
CREATE TABLE tenterhook_steps (done INTEGER PRIMARY KEY)
