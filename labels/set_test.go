package labels

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// satisfaction is a survey of two questions, one with options, and a background variable.
var satisfaction = []Variable{
	{ID: "12", Kind: Question, Name: "How old are you?"},
	{ID: "13", Kind: Question, Name: "What do you earn?"},
	{ID: "13a", Kind: Option, Name: "Less than 2000"},
	{ID: "segment", Kind: Background, Name: "Segment"},
}

// inForce returns what s answers for every variable that has a label.
func inForce(s Set, vars []Variable) map[string]string {
	all := make(map[string]string)
	for _, v := range vars {
		if label, ok := s.Data(v.ID); ok {
			all[v.ID] = label
		}
	}
	return all
}

// S4: the default is the automatic label. S5: an option has none.
func TestLabelsBeginAutomatic(t *testing.T) {
	s := NewSet(satisfaction, nil)
	want := map[string]string{"12": "q_12", "13": "q_13", "segment": "b_segment"}
	if diff := cmp.Diff(want, inForce(s, satisfaction)); diff != "" {
		t.Errorf("labels in force (-want +got):\n%s", diff)
	}
	for _, id := range []string{"13a", "14"} {
		if label, ok := s.Automatic(id); ok || label != "" {
			t.Errorf("Automatic(%q) = %q, %t; want none", id, label, ok)
		}
	}
}

func TestZeroSetIsASurveyWithoutVariables(t *testing.T) {
	var s Set
	if label, ok := s.Data("12"); ok {
		t.Errorf("Data = %q, want none", label)
	}
	if got := s.Reset("12").Stored(); got == nil || len(got) > 0 {
		t.Errorf("Stored = %#v, want an empty map", got)
	}
	if _, err := s.Edit(map[string]string{"12": "age"}); err == nil {
		t.Error("Edit of an unknown variable gave no error")
	}
}

// S4: the data label replaces the automatic one, which stays known.
func TestDataLabelIsInForceUntilReset(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"12": "age", "segment": "group"})
	if got, _ := s.Data("12"); got != "age" {
		t.Errorf("Data = %q, want age", got)
	}
	if got, _ := s.Automatic("12"); got != "q_12" {
		t.Errorf("Automatic = %q, want q_12", got)
	}
	reset := s.Reset("12", "13", "gone")
	if got, _ := reset.Data("12"); got != "q_12" {
		t.Errorf("Data after Reset = %q, want q_12", got)
	}
	if diff := cmp.Diff(map[string]string{"segment": "group"}, reset.Stored()); diff != "" {
		t.Errorf("Stored after Reset (-want +got):\n%s", diff)
	}
}

func TestStoredIsTheCallersOwn(t *testing.T) {
	given := map[string]string{"12": "age"}
	s := NewSet(satisfaction, given)
	given["12"] = "changed"
	s.Stored()["12"] = "changed"
	if got, _ := s.Data("12"); got != "age" {
		t.Errorf("Data = %q, want age", got)
	}
}

func TestStoredLabelsComeBackInNFC(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"12": "a\u0302ge"})
	if diff := cmp.Diff(map[string]string{"12": "\u00e2ge"}, s.Stored()); diff != "" {
		t.Errorf("Stored (-want +got):\n%s", diff)
	}
}

// S4: what was stored stays usable although variables changed, or someone wrote
// to the store by hand.
func TestNewSetLeavesOutWhatCannotBe(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{
		"12":      "not a label",
		"13":      "Income",
		"segment": "ｉｎｃｏｍｅ", // equal to 13's, which has the smaller id
		"13a":     "option",
		"00":      "INCOME", // its variable is gone, so 13 has it
		"14":      "tenure", // gone, and kept
	})
	if diff := cmp.Diff(map[string]string{"13": "Income", "14": "tenure"}, s.Stored()); diff != "" {
		t.Errorf("Stored (-want +got):\n%s", diff)
	}
	want := map[string]string{"12": "q_12", "13": "Income", "segment": "b_segment"}
	if diff := cmp.Diff(want, inForce(s, satisfaction)); diff != "" {
		t.Errorf("labels in force (-want +got):\n%s", diff)
	}
}

// S4: a variable that is deleted and restored has its label again, unless someone
// has taken it meanwhile.
func TestLabelOfAGoneVariableWaitsForIt(t *testing.T) {
	without := NewSet(satisfaction[1:], map[string]string{"12": "age"})
	if got, _ := NewSet(satisfaction, without.Stored()).Data("12"); got != "age" {
		t.Errorf("Data once it is back = %q, want age", got)
	}
	taken, err := without.Edit(map[string]string{"segment": "Age"})
	if err != nil {
		t.Fatal(err)
	}
	back := NewSet(satisfaction, taken.Stored())
	want := map[string]string{"12": "q_12", "13": "q_13", "segment": "Age"}
	if diff := cmp.Diff(want, inForce(back, satisfaction)); diff != "" {
		t.Errorf("labels in force (-want +got):\n%s", diff)
	}
}

// S4: "q_14" names question 13 in messages; question 14, created later, must not
// take that name over.
func TestNewVariableYieldsToADataLabel(t *testing.T) {
	s, err := NewSet(satisfaction, nil).Edit(map[string]string{"13": "Q_14"})
	if err != nil {
		t.Fatal(err)
	}
	grown := append(slices.Clone(satisfaction), Variable{ID: "14", Kind: Question})
	later := NewSet(grown, s.Stored())
	if got, _ := later.Data("13"); got != "Q_14" {
		t.Errorf("Data(13) = %q, want Q_14", got)
	}
	if got, _ := later.Automatic("14"); got != "q_14" {
		t.Errorf("Automatic(14) = %q, want q_14", got)
	}
	got, _ := later.Data("14")
	if !endsInDigest(got) || Check(got) != nil {
		t.Fatalf("Data(14) = %q, want a label made longer", got)
	}
	// Someone takes that longer name too.
	again := inForce(NewSet(grown, map[string]string{"13": "Q_14", "12": got}), grown)
	if len(again) != 4 || len(distinct(again)) != 4 {
		t.Errorf("labels in force = %v, want four different ones", again)
	}
	if back, _ := later.Reset("13").Data("14"); back != "q_14" {
		t.Errorf("Data(14) after Reset(13) = %q, want q_14", back)
	}
}

// S6: a copy of the survey keeps the data labels under its own ids.
func TestCopyFollowsTheMapping(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"12": "age", "13": "income", "segment": "group", "gone": "tenure"})
	vars := []Variable{
		{ID: "112", Kind: Question}, {ID: "113", Kind: Question},
		{ID: "segment", Kind: Background}, {ID: "114", Kind: Question},
	}
	mapping := map[string]string{"12": "112", "13": "113", "segment": "segment", "14": "114"}
	got := s.Copy(mapping, vars)
	want := map[string]string{"112": "age", "113": "income", "segment": "group"}
	if diff := cmp.Diff(want, got.Stored()); diff != "" {
		t.Errorf("Stored of the copy (-want +got):\n%s", diff)
	}
	if label, _ := got.Data("114"); label != "q_114" {
		t.Errorf("Data(114) = %q, want q_114", label)
	}
}

// S6: two old variables that became one: the label of the smaller old id holds.
func TestCopyOntoOneVariableKeepsOneLabel(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"12": "age", "13": "income"})
	mapping := map[string]string{"12": "20", "13": "20"}
	for range 20 {
		got := s.Copy(mapping, []Variable{{ID: "20", Kind: Question}})
		if label, _ := got.Data("20"); label != "age" {
			t.Fatalf("Data(20) = %q, want age", label)
		}
	}
}

// S6: a copied question is a new variable of the same survey; nothing follows it.
func TestCopiedQuestionBeginsAutomatic(t *testing.T) {
	s := NewSet(satisfaction, map[string]string{"12": "age"})
	copied := append(slices.Clone(satisfaction), Variable{ID: "15", Kind: Question, Name: "How old are you?"})
	got := NewSet(copied, s.Stored())
	if label, _ := got.Data("15"); label != "q_15" {
		t.Errorf("Data of the copy = %q, want q_15", label)
	}
	if label, _ := got.Data("12"); label != "age" {
		t.Errorf("Data of the original = %q, want age", label)
	}
}

// S3, S4 over random surveys and random stored labels: unique in every case, and
// no order of variables changes anything.
func TestLabelsOfRandomSurveysAreUniqueAndStable(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 159))
	for range 3000 {
		vars, data := randomSurvey(random)
		s := NewSet(vars, data)
		labels := inForce(s, vars)
		if len(distinct(labels)) != len(labels) {
			t.Fatalf("two of %v are equal; variables %+v, stored %v", labels, vars, data)
		}
		if diff := cmp.Diff(s.Stored(), NewSet(vars, s.Stored()).Stored()); diff != "" {
			t.Fatalf("Stored once and twice (-once +twice):\n%s", diff)
		}
		random.Shuffle(len(vars), func(i, j int) { vars[i], vars[j] = vars[j], vars[i] })
		if diff := cmp.Diff(labels, inForce(NewSet(vars, data), vars)); diff != "" {
			t.Fatalf("labels after reordering (-before +after):\n%s", diff)
		}
		fewer := vars[:len(vars)/2]
		for _, v := range fewer {
			before, _ := s.Automatic(v.ID)
			if after, _ := NewSet(fewer, data).Automatic(v.ID); after != before {
				t.Fatalf("automatic label of %+v: %q, after removing others %q", v, before, after)
			}
		}
	}
}

// randomSurvey draws variables with distinct ids, and labels for some of them,
// many of which clash, break a rule or belong to no variable.
func randomSurvey(random *rand.Rand) ([]Variable, map[string]string) {
	byID := make(map[string]Variable)
	for range random.IntN(8) {
		v := randomVariable(random)
		if random.IntN(6) == 0 {
			v.Kind = Option
		}
		byID[v.ID] = v
	}
	data := make(map[string]string)
	for range random.IntN(8) {
		v := randomVariable(random)
		data[v.ID] = Automatic(randomVariable(random))
		if random.IntN(2) == 0 {
			data[v.ID] = []string{"naam", "Naam", "ｎａａｍ", "not one", "", "q_12", "Q_12"}[random.IntN(7)]
		}
	}
	ids := slices.Sorted(maps.Keys(byID))
	vars := make([]Variable, len(ids))
	for i, id := range ids {
		vars[i] = byID[id]
	}
	return vars, data
}

func distinct(labels map[string]string) map[string]bool {
	seen := make(map[string]bool)
	for _, label := range labels {
		seen[label] = true
	}
	return seen
}
