-- Stores a message under the first run that has it. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_messages (run, body) VALUES (?, ?)
