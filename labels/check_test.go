package labels

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tenterhook/tenterhook/internal/need"
	"golang.org/x/text/unicode/norm"
)

// S4: each rule of form, with the nearest label that keeps it.
func TestCheckNamesTheBrokenRule(t *testing.T) {
	tests := []struct {
		name  string
		label string
		want  Rule // "" where the label is good
	}{
		{"nothing", "", RuleEmpty},
		{"one letter", "a", ""},
		{"underscores only", "__", ""},
		{"begins with a digit", "2nd_choice", ""},
		{"Polish", "wynagrodzenie_brutto_zł", ""},
		{"Swedish", "ålder_på_svarande", ""},
		{"Greek", "Ηλικία", ""},
		{"Arabic with Arabic digits", "سؤال_١٢", ""},
		{"Thai with marks", "คำถามที่", ""},
		{"Devanagari with marks", "प्रश्न_१", ""},
		{"Hangul from jamo", "\u1112\u1161\u11ab", ""},
		{"space", "net income", RuleCharacters},
		{"space only", " ", RuleCharacters},
		{"hyphen", "net-income", RuleCharacters},
		{"dot", "contact.email", RuleCharacters},
		{"line end", "income\n", RuleCharacters},
		{"NUL", "in\x00come", RuleCharacters},
		{"other connector than underscore", "a\u203fb", RuleCharacters},
		{"emoji", "income😀", RuleCharacters},
		{"superscript digit", "m²", RuleCharacters},
		{"circled digit", "①", RuleCharacters},
		{"Roman numeral character", "Ⅷ", RuleCharacters},
		{"not UTF-8", "inc\xffome", RuleCharacters},
		{"replacement character", "\ufffd", RuleCharacters},
		{"zero-width space", "in\u200bcome", RuleCharacters},
		{"right-to-left override", "in\u202ecome", RuleCharacters},
		{"variation selector", "a\ufe0f", RuleCharacters},
		{"Hangul filler, a letter that shows nothing", "\u3164", RuleCharacters},
		{"combining grapheme joiner", "a\u034fb", RuleCharacters},
		{"mark without a letter", "\u0301", RuleCharacters},
		{"mark after an underscore", "a_\u0301", RuleCharacters},
		{"enclosing mark", "a\u20dd", RuleCharacters},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { requireRule(t, tt.label, tt.want) })
	}
}

// S4: 100 characters, not bytes, counted after NFC.
func TestCheckCountsCharacters(t *testing.T) {
	const composed, decomposed = "\u00e9", "e\u0301"
	tests := []struct {
		name  string
		label string
		want  Rule
	}{
		{"100 letters", strings.Repeat("a", 100), ""},
		{"101 letters", strings.Repeat("a", 101), RuleLength},
		{"100 characters of three bytes", strings.Repeat("語", 100), ""},
		{"101 characters of three bytes", strings.Repeat("語", 101), RuleLength},
		{"100 characters of four bytes", strings.Repeat("𝒜", 100), ""},
		{"101 characters of four bytes", strings.Repeat("𝒜", 101), RuleLength},
		{"100 characters, 200 before NFC", strings.Repeat(decomposed, 100), ""},
		{"101 characters, 202 before NFC", strings.Repeat(decomposed, 101), RuleLength},
		{"101 composed characters", strings.Repeat(composed, 101), RuleLength},
		{"letters and marks count one by one", strings.Repeat("हि", 50), ""},
		{"51 letters with a mark", strings.Repeat("हि", 51), RuleLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { requireRule(t, tt.label, tt.want) })
	}
}

// requireRule fails unless Check gives exactly the error of rule, or none for "".
func requireRule(t *testing.T, label string, rule Rule) {
	t.Helper()
	err := Check(label)
	if rule == "" {
		if err != nil {
			t.Fatalf("Check(%q) = %v, want nil", label, err)
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("Check(%q) = %v, want an *Error", label, err)
	}
	if want := (Error{Label: label, Rule: rule}); *e != want {
		t.Errorf("Check(%q) = %+v, want %+v", label, *e, want)
	}
}

// S4: the error shows the character that people have to remove.
func TestCheckShowsTheRefusedCharacter(t *testing.T) {
	for label, want := range map[string]string{
		"net income": `" "`,
		"a\ufe0f":    `"\ufe0f"`,
		"a\xffb":     `"\xff"`,
		"a_\u0301":   `"\u0301"`,
	} {
		if got := Check(label).Error(); !strings.Contains(got, want) {
			t.Errorf("Check(%q) = %s, want it to show %s", label, got, want)
		}
	}
}

func TestErrorOfAHugeLabelIsShort(t *testing.T) {
	if got := Check(strings.Repeat("語", 1<<20)).Error(); len(got) > 1000 {
		t.Errorf("error has %d bytes, want at most 1000", len(got))
	}
}

// wellFormed and invisible state S4's rules of form a second time, as patterns.
var (
	wellFormed = regexp.MustCompile(`^(?:_|[\p{L}\p{Nd}][\p{Mn}\p{Mc}]*)+$`)
	invisible  = regexp.MustCompile(`[\x{034f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180d}\x{180f}` +
		`\x{3164}\x{ffa0}\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]`)
)

func stated(label string) bool {
	label = norm.NFC.String(label)
	return utf8.ValidString(label) && utf8.RuneCountInString(label) <= 100 &&
		wellFormed.MatchString(label) && !invisible.MatchString(label)
}

// S4: the Big List of Naughty Strings.
func TestCheckOfNaughtyStringsFollowsTheStatement(t *testing.T) {
	var accepted int
	naughty := naughtyStrings(t)
	for _, label := range naughty {
		err := Check(label)
		if (err == nil) != stated(label) {
			t.Errorf("Check(%q) = %v, statement says %t", label, err, stated(label))
		}
		if err == nil {
			accepted++
		} else if !utf8.ValidString(err.Error()) {
			t.Errorf("Check(%q): error is not UTF-8: %q", label, err)
		}
	}
	if accepted == 0 || accepted == len(naughty) {
		t.Errorf("accepted %d of %d naughty strings, want some of both", accepted, len(naughty))
	}
}

// naughtyStrings reads blns/blns.json (github.com/minimaxir/big-list-of-naughty-strings).
func naughtyStrings(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(need.Suites(t), "blns", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(content, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// S4: labels that differ in letter form only are the same label.
func TestKeyIgnoresLetterForm(t *testing.T) {
	same := [][]string{
		{"Naam", "naam", "NAAM", "ｎａａｍ"},
		{"caf\u00e9", "cafe\u0301", "CAFÉ"},
		{"straße", "STRASSE", "strasse", "straẞe"},
		{"σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"ﬁeld", "field"},
		{"カナ", "ｶﾅ"},
		{"\u1f80", "\u1f00\u0345", "\u03b1\u0345\u0313"},
	}
	for _, forms := range same {
		for _, form := range forms[1:] {
			if key(form) != key(forms[0]) {
				t.Errorf("key(%q) = %q, key(%q) = %q, want the same", form, key(form), forms[0], key(forms[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"naam", "naäm"}, {"a_b", "ab"}, {"é", "e"}, {"1", "١"}} {
		if key(pair[0]) == key(pair[1]) {
			t.Errorf("%q and %q have one key, want two", pair[0], pair[1])
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "naam", "e\u0301", "a b", "हि", "\xff", "a\ufe0f", strings.Repeat("é", 101)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, label string) {
		err := Check(label)
		if (err == nil) != stated(label) {
			t.Errorf("Check(%q) = %v, statement says %t", label, err, stated(label))
		}
		if composed := norm.NFC.String(label); (Check(composed) == nil) != (err == nil) {
			t.Errorf("Check(%q) = %v, but of its NFC %v", label, err, Check(composed))
		}
		if k := key(label); err == nil && key(k) != k {
			t.Errorf("key(%q) = %q, but key of that is %q", label, k, key(k))
		}
	})
}
