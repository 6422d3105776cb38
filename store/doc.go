// Package store says what a store keeps and promises, in roles of few methods that [Store] composes. The packages
// store/memory and store/sqlite keep; store/storetest is the law that every store obeys.
//
// Three rules hold for all of it. A run is waiting until it ends; all else is when it is due. A store decides nothing: it
// filters, orders, and compares and swaps. Durations go in and timestamps come out: the store owns the clock, so that
// processes with different clocks agree.
package store
