package storetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func publishClaims() []claim {
	return []claim{
		{"nothing makes nothing", func(b *bed) { b.same("created", 0, len(b.publish())); b.holds() }},
		{"runs are created as planned, in the order of entries", publishAsPlanned},
		{"an id that exists is left as it is and not returned", publishAgain},
		{"a call with old and new ids returns the new ones in order", publishMixed},
		{"an id twice in one call makes one run, the first", publishTwiceInOneCall},
		{"an id published at once by 100 callers makes one run", publishAtOnce},
		{"a call cut off creates all or none", publishCutOff},
		{"a delayed run is not claimed before its time", publishDelayed},
		{"a leased run is the caller's as if claimed", publishLeased},
		{"a leased run whose lease has passed is given to another", publishLeaseLost},
		{"an entry's own idea of status, due time, fence and tries is not taken", publishUsed},
		{"an entry belongs to the caller again", publishThenChanged},
		{"text that strangers sent is kept as it is", publishHostileText},
	}
}

func publishAsPlanned(b *bed) {
	plan := entries("run_b", "run_a", "run_c")
	plan[0].Delay = 48 * time.Hour
	plan[1].Run.Respondent = runs.Respondent{Anonymous: true}
	plan[1].Run.Warnings = []string{`variable "q1" was left out`, "second"}
	plan[2].Run.Respondent = runs.Respondent{}
	created := b.publish(plan...)
	if len(created) != len(plan) {
		b.Fatalf("Publish returned %q, want one run for each of three entries", idsOf(created))
	}
	for i, r := range created {
		want := born(plan[i], begin)
		want.Seq = r.Seq
		b.same("run as returned", want, r)
		b.same("run as read", want, b.get(r.ID))
		if i > 0 && r.Seq <= created[i-1].Seq || r.Seq < 1 {
			b.Errorf("sequence number %d after %q: want them to rise from 1 in the order of entries", r.Seq, idsOf(created[:i]))
		}
	}
}

func publishAgain(b *bed) {
	r := b.begun("run_a")[0]
	b.settle(0, succeeded(r))
	before := b.get("run_a")
	b.clock.move(time.Hour)
	other := entry("run_a")
	other.Run.Message, other.Run.URL, other.Lease = []byte("other"), "https://example.com/other", lease
	b.same("created by publishing again", 0, len(b.publish(other)))
	b.same("run after publishing again", before, b.get("run_a"))
	b.gets("after publishing a run that succeeded again")
}

func publishMixed(b *bed) {
	b.publish(entries("run_b", "run_d")...)
	created := b.publish(entries("run_a", "run_b", "run_c", "run_d", "run_e")...)
	b.same("ids created", []string{"run_a", "run_c", "run_e"}, idsOf(created))
	b.holds("run_e", "run_c", "run_a", "run_d", "run_b")
}

func publishTwiceInOneCall(b *bed) {
	first, second := entry("run_a"), entry("run_a")
	second.Run.Message = []byte("second")
	b.same("ids created", []string{"run_a"}, idsOf(b.publish(first, second)))
	b.holds("run_a")
	b.same("message", string(first.Run.Message), string(b.get("run_a").Message))
}

func publishAtOnce(b *bed) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	created := 0
	for range 100 {
		wg.Go(func() {
			got, err := b.Publish(b.Context(), entries("run_a", "run_b"))
			mu.Lock()
			defer mu.Unlock()
			created += len(got)
			if err != nil {
				b.Errorf("Publish beside others: %v", err)
			}
		})
	}
	wg.Wait()
	if created != 2 {
		b.Errorf("100 callers were told of %d runs created, want each of the two once", created)
	}
	b.same("runs", 2, len(b.list(runs.Filter{}, 10)))
}

func publishCutOff(b *bed) {
	for i := range 10 {
		ids := numbered(string(rune('a'+i)), 300)
		ctx, cancel := context.WithTimeout(b.Context(), time.Duration(i)*700*time.Microsecond)
		created, err := b.Publish(ctx, entries(ids...))
		cancel()
		got := len(b.list(runs.Filter{IDs: ids}, 1000))
		if got != 0 && got != len(ids) || err == nil && len(created) != got {
			b.Errorf("Publish of %d runs was cut off with %v: it returned %d and created %d, want all or none", len(ids), err, len(created), got)
		}
	}
}

func publishDelayed(b *bed) {
	late := entry("run_late")
	late.Delay = 72 * time.Hour
	b.publish(late, entry("run_now"))
	b.settle(0, succeeded(b.gets("at once", "run_now")[0]))
	b.clock.move(late.Delay - time.Microsecond)
	b.gets("a microsecond before the delay ends")
	b.clock.move(time.Microsecond)
	b.gets("when the delay ends", "run_late")
}

func publishLeased(b *bed) {
	e := entry("run_a")
	e.Lease, e.Delay = 30*time.Second, time.Hour
	created := b.publish(e)
	if len(created) != 1 {
		b.Fatalf("Publish created %q, want one run", idsOf(created))
	}
	want := born(e, begin)
	want.Seq = created[0].Seq
	b.same("leased run as returned", want, created[0])
	b.same("leased run as read", want, b.get("run_a"))
	b.clock.move(e.Lease - time.Microsecond)
	b.gets("while the publisher's lease lasts")
	b.settle(0, succeeded(created[0]))
	b.same("status", runs.Succeeded, b.get("run_a").Status)
}

func publishLeaseLost(b *bed) {
	e := entry("run_a")
	e.Lease = lease
	created := b.publish(e)
	b.clock.move(lease)
	b.same("status once the lease has passed", runs.Scheduled, b.get("run_a").Status)
	got := b.gets("once the publisher's lease has passed", "run_a")
	b.settle(1, succeeded(created[0]))
	b.settle(0, failed(got[0]))
	b.same("status", runs.Failed, b.get("run_a").Status)
}

func publishUsed(b *bed) {
	e := entry("run_a")
	e.Run.Seq, e.Run.Status, e.Run.StatusAt, e.Run.Due = 99, runs.Failed, begin.Add(-time.Hour), begin.Add(time.Hour)
	e.Run.CreatedAt, e.Run.Held, e.Run.HeldUntil = begin.Add(-48*time.Hour), runs.HoldBusy, begin.Add(time.Hour)
	e.Run.Fence, e.Run.Tries, e.Run.Replays, e.Run.Attempts = 5, 4, 3, []runs.Attempt{*attempt(500)}
	b.publish(e)
	want := born(entry("run_a"), begin)
	got := b.get("run_a")
	want.Seq = got.Seq
	b.same("run made of an entry that was used before", want, got)
	b.same("sequence number of the first run", int64(1), got.Seq)
	b.gets("a run made of an entry that was used before", "run_a")
}

func publishThenChanged(b *bed) {
	list := entries("run_a")
	list[0].Run.Warnings = []string{"kept"}
	created := b.publish(list...)
	list[0].Run.Warnings[0] = "changed by the publisher"
	list[0] = store.Entry{}
	created[0].Warnings = append(created[0].Warnings[:0], "changed in what was returned")
	b.same("warnings", []string{"kept"}, b.get("run_a").Warnings)
	got := b.get("run_a")
	slices.Reverse(append(got.Warnings, "changed in what was read"))
	got.Warnings[0] = "changed in what was read"
	b.same("warnings", []string{"kept"}, b.get("run_a").Warnings)
}

func publishHostileText(b *bed) {
	for i, text := range []string{
		"Robert'); --", `"\u0000" \ %s {{.}} <script>`, "nul \x00 inside", "line\nbreak\r\n\ttab",
		"\u2028\u202e\ufeff\U0001f600\u0301", "ÅÄÖ İß Ω", " ", "null", "[]", "0",
	} {
		e := entry(numbered("run", 20)[i])
		e.Run.Respondent = runs.Respondent{ID: text, FirstName: text, LastName: text, Email: text}
		e.Run.Warnings = []string{text, ""}
		b.publish(e)
		want := born(e, begin)
		got := b.get(e.Run.ID)
		want.Seq = got.Seq
		b.same("run about "+text, want, got)
	}
}
