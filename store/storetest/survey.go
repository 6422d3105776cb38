package storetest

import (
	"errors"
	"slices"
	"sync"

	"github.com/tenterhook/tenterhook/store"
)

func surveyClaims() []claim {
	return []claim{
		{"an unknown survey has none, of version 0", labelsUnknown},
		{"they are replaced as a whole, of that survey alone", labelsReplaced},
		{"the same survey id in another account is another survey", labelsOfAccounts},
		{"an edit of an older version is a conflict and changes nothing, other surveys of the call included", labelsOlder},
		{"of editors at once one wins", labelsAtOnce},
		{"what changed is told, oldest first", labelsTold},
		{"they belong to the caller again", labelsThenChanged},
	}
}

func ofSurvey(survey, label string) store.SurveyLabels {
	return store.SurveyLabels{Account: account, Survey: survey, Labels: map[string]string{"q1": label}}
}

// setLabels saves labels over whatever version is stored, and returns them with the version that they have got.
func (b *bed) setLabels(list ...store.SurveyLabels) []store.SurveyLabels {
	b.Helper()
	list = slices.Clone(list)
	b.version(list)
	b.must("SetLabels", b.SetLabels(b.Context(), list))
	b.version(list)
	return list
}

// version gives labels the version that is stored.
func (b *bed) version(list []store.SurveyLabels) {
	b.Helper()
	for i, l := range list {
		list[i].Version = b.labels(l.Account, l.Survey).Version
	}
}

func (b *bed) labels(account, survey string) store.SurveyLabels {
	b.Helper()
	got, err := b.Labels(b.Context(), account, survey)
	b.must("Labels", err)
	return got
}

func (b *bed) labelsAre(account, survey string, labels map[string]string) {
	b.Helper()
	got := b.labels(account, survey)
	want := store.SurveyLabels{Account: account, Survey: survey, Labels: labels, Version: got.Version}
	b.same("labels of survey "+survey+" of "+account, want, got)
}

// labelsConflict reports if these can be saved, or if trying changes anything.
func (b *bed) labelsConflict(what string, list ...store.SurveyLabels) {
	b.Helper()
	before := b.changes("")
	if err := b.SetLabels(b.Context(), list); !errors.Is(err, store.ErrConflict) {
		b.Errorf("SetLabels of %s: error %v, want store.ErrConflict", what, err)
	}
	b.same("labels after a conflict", before, b.changes(""))
}

func labelsUnknown(b *bed) {
	b.same("labels of an unknown survey", store.SurveyLabels{Account: account, Survey: "s1"}, b.labels(account, "s1"))
}

func labelsReplaced(b *bed) {
	one := map[string]string{"q1": "leeftijd", "q2": "Ångström_1", "b1": "сегмент"}
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: one}, ofSurvey("s2", "other"))
	b.labelsAre(account, "s1", one)
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: map[string]string{"q3": "new"}})
	b.labelsAre(account, "s1", map[string]string{"q3": "new"})
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1"})
	b.labelsAre(account, "s1", nil)
	b.labelsAre(account, "s2", map[string]string{"q1": "other"})
}

func labelsOfAccounts(b *bed) {
	b.setLabels(store.SurveyLabels{Account: "acct_1", Survey: "s1", Labels: map[string]string{"q1": "one"}},
		store.SurveyLabels{Account: "acct_2", Survey: "s1", Labels: map[string]string{"q1": "two"}})
	b.labelsAre("acct_1", "s1", map[string]string{"q1": "one"})
	b.labelsAre("acct_2", "s1", map[string]string{"q1": "two"})
}

func labelsOlder(b *bed) {
	first := b.setLabels(ofSurvey("s1", "a"))[0]
	second := b.setLabels(ofSurvey("s1", "b"))[0]
	if first.Version < 1 || second.Version <= first.Version {
		b.Errorf("versions %d, then %d: want them to rise from 1", first.Version, second.Version)
	}
	b.labelsConflict("an older version beside another survey", ofSurvey("s2", "c"), first, ofSurvey("s3", "c"))
	b.labelsConflict("a known survey with version 0", ofSurvey("s1", "c"))
	ahead := second
	ahead.Version++
	b.labelsConflict("a version yet to come", ahead)
	unknown := ofSurvey("s4", "c")
	unknown.Version = second.Version
	b.labelsConflict("an unknown survey with a version", unknown)
	b.labelsConflict("a new one twice", ofSurvey("s5", "c"), ofSurvey("s5", "d"))
	b.labelsConflict("a known one twice", second, second)
}

func labelsAtOnce(b *bed) {
	base := b.setLabels(ofSurvey("s1", "a"))[0]
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 20 {
		wg.Go(func() {
			err := b.SetLabels(b.Context(), []store.SurveyLabels{base})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrConflict) {
				b.Errorf("SetLabels beside others: %v, want store.ErrConflict", err)
			}
		})
	}
	wg.Wait()
	b.same("editors that won", 1, won)
}

func labelsTold(b *bed) {
	old := b.setLabels(ofSurvey("s3", "c"), ofSurvey("s1", "a"))
	v := b.changes("").Mark
	b.same("changes since the latest mark", store.Changes{Mark: v}, b.changes(v))
	recent := append(b.setLabels(ofSurvey("s2", "b")), b.setLabels(ofSurvey("s3", "d"))...)
	b.same("labels since a mark", recent, b.changes(v).Labels)
	b.same("labels since the beginning", append(old[1:], recent...), b.changes("").Labels)
}

func labelsThenChanged(b *bed) {
	given := map[string]string{"q1": "kept"}
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: given})
	given["q1"] = "changed"
	b.labelsAre(account, "s1", map[string]string{"q1": "kept"})
	b.changes("").Labels[0].Labels["q1"] = "changed"
	b.labels(account, "s1").Labels["q1"] = "changed"
	b.labelsAre(account, "s1", map[string]string{"q1": "kept"})
}
