-- The data labels of surveys. Index: primary key. Lock: none.
SELECT account, survey, version, doc
FROM tenterhook.labels WHERE (account, survey) IN (SELECT * FROM unnest($1::text[], $2::text[]))
