// Package store says what a store keeps and promises, in roles of few methods that [Store] composes. The packages
// store/sqlite, store/postgres and store/memory keep, store/route makes one store of several; store/storetest is the law
// that every store obeys.
//
// A host lists, counts and reads runs with the methods of [Reader]. What it changes, it changes through webhook.Dispatcher,
// which checks what it is given; only the labels of a copied survey (labels.Set.Copy) it saves with those of [Surveys].
//
// Three rules hold for all of it. A run is waiting until it ends; all else is when it is due. A store decides nothing: it
// filters, orders, and compares and swaps. Durations go in and timestamps come out: the store owns the clock, so that
// processes with different clocks agree.
package store
