-- One row for each migration that was done.
CREATE TABLE tenterhook.steps (done integer PRIMARY KEY)
