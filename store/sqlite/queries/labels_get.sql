-- The data labels of a survey. Index: primary key. Lock: none.
SELECT account, survey, version, doc FROM tenterhook_labels WHERE account = ?1 AND survey = ?2
