package storetest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC R3.
func filterClaims() []claim {
	return []claim{
		{"a person is found in any letter case, beyond ASCII too", personInAnyCase},
		{"a person's text is literal", personLiteral},
		{"a time frame begins with From and ends before To", timeFrame},
		{"what no run can have selects none", filterImpossible},
		{"each filter, and every two together, select as they say", filterPairs},
		{"any filters together select as they say", filterRandom},
	}
}

// people are the respondents of the filters' proofs.
func people() []runs.Respondent {
	return []runs.Respondent{
		{ID: "1", FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com"},
		{ID: "2", FirstName: "Åsa", LastName: "Öberg-Ärlig", Email: "asa@exempel.example"},
		{ID: "3", FirstName: "Łukasz", LastName: "ŻÓŁĆ", Email: "LUKASZ@EXAMPLE.COM"},
		{ID: "4", FirstName: "Иван", LastName: "ПЕТРОВ"},
		{ID: "5", LastName: "100% sure"},
		{ID: "6", FirstName: `under_score\`, Email: "o'neil@example.com"},
		{ID: "7", Email: "only@mail.example"},
		{Anonymous: true},
		{},
	}
}

// found returns the ids of people (their place, from 0) that a search finds, in order.
func (b *bed) found(part string) []string {
	b.Helper()
	ids := idsOf(b.list(runs.Filter{Person: part}, 100))
	slices.Reverse(ids)
	return ids
}

func (b *bed) publishPeople() {
	for i, who := range people() {
		e := entry(string(rune('0' + i)))
		e.Run.Respondent = who
		b.publish(e)
	}
}

func personInAnyCase(b *bed) {
	b.publishPeople()
	for part, want := range map[string][]string{
		"lovelace": {"0"}, "ADA LOVE": {"0"}, "åSA": {"1"}, "ö": {"1"}, "Ö": {"1"}, "äRL": {"1"}, "żółć": {"2"}, "ŁUK": {"2"},
		"иВАН пет": {"3"}, "@example.COM": {"0", "2", "5"}, "only@": {"6"}, "anonymous": {"7"}, "nobody": nil, "adalovelace": nil,
	} {
		b.same("people found by "+part, want, b.found(part))
	}
}

func personLiteral(b *bed) {
	b.publishPeople()
	for part, want := range map[string][]string{
		"%": {"4"}, "100%": {"4"}, "_": {"5"}, "r_s": {"5"}, "a%a": nil, "_da": nil, `\`: {"5"}, "'": {"5"}, "*": nil, "?": nil,
		"[a-z]": nil, "\x00": nil, `"`: nil,
	} {
		b.same("people found by "+part, want, b.found(part))
	}
}

// filterImpossible asks for what some databases cannot even be asked for.
func filterImpossible(b *bed) {
	b.publish(entry("run_a"))
	for _, part := range []string{"\x00", "\xff"} {
		for _, f := range []runs.Filter{
			{Account: account + part}, {Automation: lane + part}, {Action: "1" + part}, {EventType: part}, {IDs: []string{"run_a" + part}},
			{Account: account, IDs: []string{part, "run_a" + part}},
		} {
			b.same("runs listed", []string{}, idsOf(b.list(f, 10)))
			counts, err := b.Count(b.Context(), f)
			b.must("Count", err)
			b.same("runs counted", runs.Counts{}, counts)
			b.same("replay", store.Replayed{Done: true}, b.replay(f, 0, 10))
		}
		b.same("runs listed beside one that there is", []string{"run_a"}, idsOf(b.list(runs.Filter{IDs: []string{part, "run_a"}}, 10)))
		b.same("runs pruned", store.Pruned{Done: true}, b.pruned(account+part, 0, 0, 10))
		for _, e := range []runs.Erasure{{Account: account + part}, {Account: account, Run: "run_a" + part}, {Account: account, Automation: lane + part}} {
			b.same("runs erased", store.Erased{Done: true}, b.erase(e, 0, 10))
		}
		l, err := b.Labels(b.Context(), account, part)
		b.must("Labels", err)
		b.same("labels", store.SurveyLabels{Account: account, Survey: part}, l)
		if err := b.Delete(b.Context(), account, []string{lane + part}); !errors.Is(err, store.ErrNotFound) {
			b.Errorf("Delete: error %v, want store.ErrNotFound", err)
		}
	}
	b.holds("run_a")
}

func timeFrame(b *bed) {
	for _, id := range []string{"run_a", "run_b", "run_c"} {
		b.publish(entry(id))
		b.clock.move(time.Microsecond)
	}
	second := begin.Add(time.Microsecond)
	for _, tt := range []struct {
		what     string
		from, to time.Time
		want     []string
	}{
		{"from the second on", second, time.Time{}, []string{"run_c", "run_b"}},
		{"until before the second", time.Time{}, second, []string{"run_a"}},
		{"from the second until before the third", second, second.Add(time.Microsecond), []string{"run_b"}},
		{"from just after the first", begin.Add(time.Nanosecond), time.Time{}, []string{"run_c", "run_b"}},
		{"until just after the first", time.Time{}, begin.Add(time.Nanosecond), []string{"run_a"}},
		{"an empty frame", second, second, nil},
		{"in another zone", second.In(time.FixedZone("", -8*3600)), time.Time{}, []string{"run_c", "run_b"}},
		{"before 1970", time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), begin.Add(-50 * 365 * 24 * time.Hour), nil},
	} {
		b.same("ids "+tt.what, tt.want, idsOf(b.list(runs.Filter{From: tt.from, To: tt.to}, 10)))
	}
}

// crowd publishes runs of all kinds and brings them into all statuses, and returns them newest first.
func (b *bed) crowd(random *rand.Rand) []runs.Run {
	for batch := range 12 {
		list := entries(numbered(string(rune('a'+batch)), 20)...)
		for i := range list {
			r := &list[i].Run
			r.Account = pick(random, "acct_1", "acct_2")
			r.Automation = pick(random, "auto_1", "auto_2", "auto_3")
			r.Action = pick(random, "1", "2", "")
			r.EventType = pick(random, "contact.tag.added", "contact.tag.removed", "survey.response.completed")
			r.Respondent = pick(random, people()...)
			list[i].Delay = pick(random, 0, 0, time.Minute, time.Hour)
		}
		b.publish(list...)
		for _, r := range b.claim(12) {
			if result := pick(random, succeeded, failed, nil); result != nil {
				b.settle(0, result(r))
			}
		}
		b.clock.move(pick(random, 0, 7*time.Second, lease/2))
	}
	return b.list(runs.Filter{}, 1000)
}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// settings are what a filter can ask for, by field.
func settings() [][]func(*runs.Filter) {
	list := func(statuses ...runs.Status) func(*runs.Filter) {
		return func(f *runs.Filter) { f.Statuses = statuses }
	}
	var all [9][]func(*runs.Filter)
	for _, text := range []string{"acct_1", "acct_2", "acct_none"} {
		all[0] = append(all[0], func(f *runs.Filter) { f.Account = text })
	}
	for _, text := range []string{"auto_1", "auto_3", "auto_none"} {
		all[1] = append(all[1], func(f *runs.Filter) { f.Automation = text })
	}
	for _, text := range []string{"contact.tag.added", "survey.response.completed", "contact.*"} {
		all[2] = append(all[2], func(f *runs.Filter) { f.EventType = text })
	}
	for _, status := range runs.Statuses() {
		all[3] = append(all[3], list(status))
	}
	all[3] = append(all[3], list(runs.Scheduled, runs.Failed), list(runs.Running, runs.Succeeded, runs.Running))
	for _, text := range []string{"ada", "ö", "example", "zzz"} {
		all[4] = append(all[4], func(f *runs.Filter) { f.Person = text })
	}
	for _, d := range []time.Duration{0, time.Minute, 2 * time.Minute} {
		all[5] = append(all[5], func(f *runs.Filter) { f.From = begin.Add(d) })
		all[6] = append(all[6], func(f *runs.Filter) { f.To = begin.Add(d) })
	}
	for _, text := range []string{"1", "2", "none"} {
		all[7] = append(all[7], func(f *runs.Filter) { f.Action = text })
	}
	all[8] = append(all[8], func(f *runs.Filter) { f.IDs = []string{"a_00003", "f_00019", "none", "b_00000", "a_00003"} })
	return all[:]
}

// selects is what a filter means.
func selects(f runs.Filter, r runs.Run) bool {
	in := func(text, part string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(part)) }
	switch {
	case f.Account != "" && f.Account != r.Account, f.Automation != "" && f.Automation != r.Automation,
		f.Action != "" && f.Action != r.Action, f.EventType != "" && f.EventType != r.EventType,
		len(f.Statuses) > 0 && !slices.Contains(f.Statuses, r.Status),
		f.Person != "" && !in(r.Respondent.Name(), f.Person) && !in(r.Respondent.Email, f.Person),
		!f.From.IsZero() && r.CreatedAt.Before(f.From),
		!f.To.IsZero() && !r.CreatedAt.Before(f.To),
		len(f.IDs) > 0 && !slices.Contains(f.IDs, r.ID):
		return false
	}
	return true
}

// filtered reports if the store selects other runs of all than a filter means, in its pages or its counts.
func (b *bed) filtered(f runs.Filter, all []runs.Run, size int) {
	b.Helper()
	var want []string
	count := runs.Counts{}
	for _, r := range all {
		if selects(f, r) {
			want = append(want, r.ID)
			count[r.Status]++
		}
	}
	if got := idsOf(b.list(f, size)); !slices.Equal(want, got) {
		b.Errorf("List of %+v by pages of %d gave %q, want %q", f, size, got, want)
	}
	got, err := b.Count(b.Context(), f)
	b.must("Count", err)
	b.same("counts", count, got)
}

func filterPairs(b *bed) {
	random := rand.New(rand.NewPCG(3, 1))
	all := b.crowd(random)
	fields := settings()
	for i, field := range fields {
		for _, set := range field {
			var one runs.Filter
			set(&one)
			b.filtered(one, all, 5+random.IntN(100))
			for _, other := range slices.Concat(fields[i+1:]...) {
				two := one
				other(&two)
				b.filtered(two, all, 5+random.IntN(100))
			}
		}
	}
}

func filterRandom(b *bed) {
	random := rand.New(rand.NewPCG(3, 2))
	all := b.crowd(random)
	for range 150 {
		var f runs.Filter
		for _, field := range settings() {
			if random.IntN(3) == 0 {
				pick(random, field...)(&f)
			}
		}
		b.filtered(f, all, 1+random.IntN(60))
	}
}
