-- Appends an attempt. Index: primary key. Lock: the writer's.
INSERT INTO tenterhook_attempts (run, fence, doc) VALUES (?, ?, ?)
