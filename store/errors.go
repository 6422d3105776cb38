package store

import "errors"

// What a store answers instead of doing as asked; the error around it says which thing and what to do.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("changed meanwhile")
	ErrCursor   = errors.New("cursor does not belong to this list")
	ErrForeign  = errors.New("file is not a Tenterhook store")
	ErrNewer    = errors.New("store was written by a newer version")
)
