package sqlite

import "errors"

const (
	claim   = "SELECT id FROM runs WHERE due <= ?"
	small   = "select id from runs"
	deletes = `delete
from runs`
	part    = " ORDER BY due"
	set     = "update runs set due = ?"
	pragma  = "PRAGMA journal_mode = WAL"
	message = "update automation: the version has changed, read it again and select what to keep"
)

var errGone = errors.New("delete key: it is gone from the store where it was")
