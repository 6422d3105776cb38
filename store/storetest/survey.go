package storetest

import (
	"github.com/tenterhook/tenterhook/store"
)

func surveyClaims() []claim {
	return []claim{
		{"an unknown survey has none", func(b *bed) { b.labelsAre(account, "s1", nil) }},
		{"they are replaced as a whole, of that survey alone", labelsReplaced},
		{"the same survey id in another account is another survey", labelsOfAccounts},
		{"what changed is told, oldest first", labelsTold},
		{"they belong to the caller again", labelsThenChanged},
	}
}

func (b *bed) setLabels(list ...store.SurveyLabels) {
	b.Helper()
	b.must("SetLabels", b.SetLabels(b.Context(), list))
}

func (b *bed) labelsAre(account, survey string, want map[string]string) {
	b.Helper()
	got, err := b.Labels(b.Context(), account, survey)
	b.must("Labels", err)
	b.same("labels of survey "+survey+" of "+account, want, got)
}

func labelsReplaced(b *bed) {
	one := map[string]string{"q1": "leeftijd", "q2": "Ångström_1", "b1": "сегмент"}
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: one},
		store.SurveyLabels{Account: account, Survey: "s2", Labels: map[string]string{"q1": "other"}})
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

func labelsTold(b *bed) {
	of := func(survey, label string) store.SurveyLabels {
		return store.SurveyLabels{Account: account, Survey: survey, Labels: map[string]string{"q1": label}}
	}
	b.setLabels(of("s3", "c"), of("s1", "a"))
	v := b.changes(0).Version
	b.same("changes since the latest version", store.Changes{Version: v}, b.changes(v))
	b.setLabels(of("s2", "b"))
	b.setLabels(of("s3", "d"))
	b.same("labels since a version", []store.SurveyLabels{of("s2", "b"), of("s3", "d")}, b.changes(v).Labels)
	b.same("labels since 0", []store.SurveyLabels{of("s1", "a"), of("s2", "b"), of("s3", "d")}, b.changes(0).Labels)
}

func labelsThenChanged(b *bed) {
	given := map[string]string{"q1": "kept"}
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: given})
	given["q1"] = "changed"
	b.labelsAre(account, "s1", map[string]string{"q1": "kept"})
	b.changes(0).Labels[0].Labels["q1"] = "changed"
	got, err := b.Labels(b.Context(), account, "s1")
	b.must("Labels", err)
	got["q1"] = "changed"
	b.labelsAre(account, "s1", map[string]string{"q1": "kept"})
}
