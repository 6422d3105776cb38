package labels

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxLength is the most characters (Unicode code points after NFC) a label can have.
const MaxLength = 100

// Check reports whether label has the form of a label: not empty, at most
// [MaxLength] characters after NFC, and nothing but letters and digits of any
// script and underscore. The error is an [*Error].
//
// A combining mark counts as part of the letter or digit that it follows, since
// many scripts, as Devanagari and Thai, write vowels with marks for which Unicode
// has no composed letter; a mark that follows neither is refused, and so is any
// character that shows nothing, as a variation selector or a Hangul filler.
// A digit is a decimal digit (category Nd): "²", "Ⅷ" and "①" are not.
func Check(label string) error {
	if rule := broken(label); rule != "" {
		return &Error{Label: label, Rule: rule}
	}
	return nil
}

// broken returns the first rule of form that label breaks, or "".
func broken(label string) Rule {
	composed := norm.NFC.String(label)
	if composed == "" {
		return RuleEmpty
	}
	if utf8.RuneCountInString(composed) > MaxLength {
		return RuleLength
	}
	if _, found := firstRefused(composed); found {
		return RuleCharacters
	}
	return ""
}

// firstRefused returns the first character that a label cannot have there, as it
// is written in label; for a byte that is not UTF-8, that byte.
func firstRefused(label string) (refused string, found bool) {
	previous := '_'
	for i, r := range label {
		if !allowed(previous, r) {
			_, size := utf8.DecodeRuneInString(label[i:])
			return label[i : i+size], true
		}
		previous = r
	}
	return "", false
}

// allowed reports whether r can stand after previous; a label begins as if after
// an underscore.
func allowed(previous, r rune) bool {
	switch {
	case r == '_':
		return true
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return false
	case unicode.In(r, unicode.Mn, unicode.Mc):
		return previous != '_'
	default:
		return unicode.In(r, unicode.L, unicode.Nd)
	}
}

// key returns what label is told apart by: equal keys mean that two labels differ
// in letter form only. It is Unicode's compatibility caseless matching (The
// Unicode Standard, section 3.13, D146), composed.
func key(label string) string {
	fold := cases.Fold()
	once := norm.NFKC.String(fold.String(norm.NFD.String(label)))
	return norm.NFKC.String(fold.String(once))
}
