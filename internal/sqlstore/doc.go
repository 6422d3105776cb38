// Package sqlstore is what the stores in SQL databases have in common: how rows read and what is decided about lanes, apart
// from any driver. It holds no statement and does no I/O.
package sqlstore
