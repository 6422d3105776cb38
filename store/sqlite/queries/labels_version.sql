-- What a save of labels is compared with. Index: primary key. Lock: the writer's.
SELECT version FROM tenterhook_labels WHERE account = ?1 AND survey = ?2
