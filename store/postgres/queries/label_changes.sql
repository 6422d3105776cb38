-- Data labels saved since a version. Index: labels_version. Lock: none.
SELECT account, survey, version, doc FROM tenterhook.labels WHERE version > $1 ORDER BY version
