// Package archtest keeps the picture of CONTRIBUTING.md true: its tests read the
// module's source and fail the build where an import points the wrong way, a pure
// package reaches for a clock or the network, or a file outgrows its noun.
//
// The table of packages and ranks is in table_test.go, the rules are in the files
// named after what they judge, and testdata/broken holds for each rule a small
// tree that breaks it, with the complaints that are wanted.
package archtest
