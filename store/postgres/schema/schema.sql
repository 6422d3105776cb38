-- The schema that holds all tables.
CREATE SCHEMA tenterhook
