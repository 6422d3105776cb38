// Package labels names the variables of a survey in what is sent out.
//
// Every variable has an automatic label, which the library makes from the
// variable alone, and may have a data label, which the user chose. A [Set]
// holds both for one survey and keeps them unique:
//
//	variable ──Automatic──▶ "q_12" ──┐
//	                                 ├──▶ Set.Data ──▶ the key in the message
//	user ────Edit, by Check────▶ "income" ──┘
//
// Two labels are the same when they differ in letter form only: upper and
// lower case, full and half width, composed and decomposed accents.
//
// The package is pure: it reads no clock, no file and no randomness, and a Set
// is a value that can be shared between goroutines.
package labels
