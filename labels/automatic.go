package labels

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const (
	questionPrefix   = "q_"
	backgroundPrefix = "b_"
	digestLength     = 16
)

// Automatic returns the label that the library makes for v. It follows from v's
// kind and id alone, so adding, removing, renaming or reordering variables never
// changes it; it passes [Check]; distinct ids give distinct labels.
//
// Question "12" is "q_12", background variable "segment" is "b_segment" and field
// "contact.email" is "contact__email". An id that cannot be kept as it is, say
// because of a space or its length, keeps what it can and ends in 16 hex digits of
// its SHA-256. An Option, and an unknown kind, has none: the result is empty.
func Automatic(v Variable) string {
	if !v.Kind.labelled() {
		return ""
	}
	plain := spell(v)
	if plain == norm.NFC.String(plain) && Check(plain) == nil && readsBack(v, plain) {
		return plain
	}
	return digested(v, v.ID)
}

// spell writes the id out under its kind's prefix; what is spelt may break the rules.
func spell(v Variable) string {
	switch v.Kind {
	case Question:
		return questionPrefix + v.ID
	case Background:
		return backgroundPrefix + v.ID
	default:
		return strings.ReplaceAll(v.ID, ".", "__")
	}
}

// readsBack reports whether label can stand for v's id and no other's. Distinct
// ids get distinct labels because each label is of one sort only, told by its
// form: digested, a question's, a background variable's, or a field's whose path
// can be read back from it ("a__b" as a path would be taken for "a.b").
func readsBack(v Variable, label string) bool {
	if v.Kind != Field {
		return !endsInDigest(v.ID)
	}
	return strings.ReplaceAll(label, "__", ".") == v.ID && !endsInDigest(label) &&
		!strings.HasPrefix(label, questionPrefix) && !strings.HasPrefix(label, backgroundPrefix)
}

// digested returns a label that resembles v's id and ends in a digest of seed.
func digested(v Variable, seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return resemble(spell(v), MaxLength-digestLength-1) + "_" + hex.EncodeToString(sum[:])[:digestLength]
}

func endsInDigest(label string) bool {
	cut := len(label) - digestLength
	return cut > 0 && label[cut-1] == '_' && strings.Trim(label[cut:], "0123456789abcdef") == ""
}

// resemble returns text in NFC with an underscore for every character that a
// label cannot have, cut to at most limit characters.
func resemble(text string, limit int) string {
	var b strings.Builder
	written, previous := 0, '_'
	for _, r := range norm.NFC.String(text) {
		if written == limit {
			break
		}
		if !allowed(previous, r) {
			r = '_'
		}
		b.WriteRune(r)
		written, previous = written+1, r
	}
	return b.String()
}
