// Package storetest is the law that every store obeys: a store of one's own that passes [Run] can take the place of
// store/sqlite.
//
// [Run] checks the promises of package store one by one, each in a subtest that is named after it. [Check] looks for
// contradictions in what a store holds, and can end any test that uses one. [Faulty] is a store that fails on demand.
//
// Times in a store have microseconds. Text in it is valid UTF-8, otherwise whatever strangers sent; messages and bodies
// of answers are bytes.
package storetest
