package labels

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// S3: what hosts see, to the letter; a change here renames the keys of messages
// that receivers read today.
func TestAutomaticLabelsStayAsPublished(t *testing.T) {
	tests := []struct {
		v    Variable
		want string
	}{
		{Variable{ID: "12", Kind: Question, Name: "How old are you?"}, "q_12"},
		{Variable{ID: "12", Kind: Background}, "b_12"},
		{Variable{ID: "segment", Kind: Background, Name: "Segment"}, "b_segment"},
		{Variable{ID: "contact.email", Kind: Field}, "contact__email"},
		{Variable{ID: "contact.first_name", Kind: Field}, "contact__first_name"},
		{Variable{ID: "id", Kind: Field}, "id"},
		{Variable{ID: "leeftijd_é", Kind: Question}, "q_leeftijd_é"},
		{Variable{ID: "0123456789abcdef", Kind: Question}, "q_0123456789abcdef"},
		{Variable{ID: "net income", Kind: Question}, "q_net_income_fff8b618dd01c8c7"},
		{Variable{ID: "a__b", Kind: Field}, "a__b_63e5c1c455d01d5c"},
		{Variable{ID: "q_12", Kind: Field}, "q_12_aadacd68683694e3"},
		{Variable{ID: "", Kind: Field}, "_e3b0c44298fc1c14"},
		{Variable{ID: "12", Kind: Option}, ""},
		{Variable{ID: "12"}, ""},
	}
	for _, tt := range tests {
		if got := Automatic(tt.v); got != tt.want {
			t.Errorf("Automatic(%+v) = %q, want %q", tt.v, got, tt.want)
		}
	}
}

// S3: ids that would be spelt alike, each pair of one kind or two.
func TestAutomaticTellsLookalikesApart(t *testing.T) {
	digested := Automatic(Variable{ID: "a b", Kind: Question})
	pairs := [][2]Variable{
		{{ID: "a b", Kind: Question}, {ID: "a-b", Kind: Question}},
		{{ID: "a b", Kind: Question}, {ID: "a_b", Kind: Question}},
		{{ID: "a b", Kind: Question}, {ID: strings.TrimPrefix(digested, "q_"), Kind: Question}},
		{{ID: "a b", Kind: Question}, {ID: digested, Kind: Field}},
		{{ID: "\u00e9", Kind: Question}, {ID: "e\u0301", Kind: Question}},
		{{ID: "a\xff", Kind: Question}, {ID: "a\xfe", Kind: Question}},
		{{ID: strings.Repeat("x", 100), Kind: Question}, {ID: strings.Repeat("x", 101), Kind: Question}},
		{{ID: "a.b", Kind: Field}, {ID: "a__b", Kind: Field}},
		{{ID: "a._b", Kind: Field}, {ID: "a_.b", Kind: Field}},
		{{ID: "a..b", Kind: Field}, {ID: "a____b", Kind: Field}},
		{{ID: "12", Kind: Question}, {ID: "q_12", Kind: Field}},
		{{ID: "12", Kind: Background}, {ID: "b_12", Kind: Field}},
		{{ID: "12", Kind: Question}, {ID: "12", Kind: Background}},
	}
	for _, pair := range pairs {
		a, b := Automatic(pair[0]), Automatic(pair[1])
		if a == b {
			t.Errorf("%+v and %+v are both %q", pair[0], pair[1], a)
		}
	}
}

// S3: an id of any text has a label that keeps S4's rules, fits, and names it.
func TestAutomaticIsAlwaysALabel(t *testing.T) {
	ids := []string{
		"", " ", ".", "..", "_", "__", "\x00", "\xff", "\u0301", "a\u0301\u0301", "😀", "a\u034fb",
		"a" + strings.Repeat("\u0301", 40), // NFC of more than 30 marks in a row puts a joiner between them
		strings.Repeat("語", 97), strings.Repeat("語", 98), strings.Repeat("語", 99), strings.Repeat("हि", 300),
	}
	for _, id := range ids {
		for _, kind := range []Kind{Question, Background, Field} {
			requireLabel(t, Variable{ID: id, Kind: kind})
		}
	}
}

func requireLabel(t *testing.T, v Variable) {
	t.Helper()
	label := Automatic(v)
	if err := Check(label); err != nil {
		t.Errorf("Automatic(%+q, %s): %v", v.ID, v.Kind, err)
	}
	if norm.NFC.String(label) != label {
		t.Errorf("Automatic(%+q, %s) = %+q, want it in NFC", v.ID, v.Kind, label)
	}
}

// S3, over random variable sets: valid, unique, and a function of the variable
// alone (no set can change it, so none has to be tried for stability).
func TestAutomaticLabelsOfRandomVariablesAreUnique(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 141))
	owner := make(map[string]Variable)
	for range 20_000 {
		v := randomVariable(random)
		requireLabel(t, v)
		label := Automatic(v)
		if other, taken := owner[label]; taken && (other.ID != v.ID || other.Kind != v.Kind) {
			t.Fatalf("%+v and %+v are both %q", other, v, label)
		}
		owner[label] = v
	}
}

// randomVariable draws ids from few pieces, so that lookalikes come up often.
func randomVariable(random *rand.Rand) Variable {
	pieces := []string{
		"a", "A", "12", "_", "__", ".", " ", "-", "\u00e9", "e\u0301", "\u0301", "ａ", "語", "q_", "b_", "\xff",
		"_0123456789abcdef", strings.Repeat("x", 80),
	}
	var id strings.Builder
	for range random.IntN(6) {
		id.WriteString(pieces[random.IntN(len(pieces))])
	}
	kinds := []Kind{Question, Background, Field}
	return Variable{ID: id.String(), Kind: kinds[random.IntN(len(kinds))], Name: fmt.Sprint(random.Uint32())}
}

func FuzzAutomatic(f *testing.F) {
	f.Add("12", "segment")
	f.Add("a.b", "a__b")
	f.Add("e\u0301", "\u00e9")
	digest := regexp.MustCompile(`_[0-9a-f]{16}$`)
	f.Fuzz(func(t *testing.T, one, two string) {
		for _, kind := range []Kind{Question, Background, Field} {
			v, w := Variable{ID: one, Kind: kind}, Variable{ID: two, Kind: kind}
			requireLabel(t, v)
			if one != two && Automatic(v) == Automatic(w) {
				t.Errorf("%+v and %+v are both %q", v, w, Automatic(v))
			}
			if label := Automatic(v); !digest.MatchString(label) && kind == Question && label != "q_"+one {
				t.Errorf("Automatic(%+v) = %q: changed without a digest", v, label)
			}
		}
	})
}
