package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// SPEC R4.
func eraseClaims() []claim {
	return []claim{
		{"a run is removed whatever its status, with message and attempts", eraseAnyStatus},
		{"an automation's, an account's or one run are removed, and no others", eraseNamed},
		{"a person's runs are those that mention the whole address anywhere", erasePerson},
		{"an attempt that mentions the person removes its run alone", eraseByAttempt},
		{"a result that comes after the run was removed is stale", eraseLateResult},
		{"a removed run is neither due, held nor replayed", eraseQueued},
		{"it goes in steps over all that is named, oldest first, and says how far it came", eraseSteps},
		{"a step of none does nothing", eraseNone},
		{"a message goes with the last run that has it", eraseSharedMessage},
		{"a removed run leaves nothing to one that is made with its id, not its number", eraseLeavesNothing},
		{"an erasure that is not valid is refused", eraseInvalid},
	}
}

// wholly erases all that e covers in one step, and reports if that was not this many runs and attempts.
func (b *bed) wholly(e runs.Erasure, runs, attempts int) {
	b.Helper()
	got := b.erase(e, 0, 1000)
	if got.Runs != runs || got.Attempts != attempts || got.Messages > runs || !got.Done {
		b.Errorf("Erase(%+v) gave %+v, want %d runs, %d attempts and done", e, got, runs, attempts)
	}
}

func eraseAnyStatus(b *bed) {
	got := b.begun("run_running", "run_lost", "run_retry", "run_done", "run_failed")
	b.settle(0, again(got[2], time.Hour), succeeded(got[3]), failed(got[4]))
	late := entry("run_late")
	late.Delay = time.Hour
	b.publish(late)
	b.hold("auto_2", runs.HoldDisabled)
	b.publish(entriesOf("auto_2", "run_held")...)
	b.publish(entriesOf("auto_3", "run_other")...)
	for i, id := range []string{"run_running", "run_late", "run_held", "run_retry", "run_done", "run_failed", "run_lost"} {
		if id == "run_lost" {
			b.clock.move(lease)
		}
		attempts := 0
		if i >= 3 && i < 6 {
			attempts = 1
		}
		want := store.Erased{Runs: 1, Messages: 1, Attempts: attempts, Last: b.get(id).Seq, Done: true}
		b.same("erasure of "+id, want, b.erase(runs.Erasure{Account: account, Run: id}, 0, 10))
		b.same("again", store.Erased{Done: true}, b.erase(runs.Erasure{Account: account, Run: id}, 0, 10))
	}
	b.holds("run_other")
}

func eraseNamed(b *bed) {
	for i, own := range []string{"acct_1", "acct_2", "acct_12"} {
		for _, lane := range []string{"auto_1", "auto_12"} {
			e := entry(fmt.Sprint("run_", i, lane))
			e.Run.Account, e.Run.Automation = own, lane
			b.publish(e)
		}
		b.clock.move(time.Microsecond) // the accounts may be in parts of the store
	}
	for _, e := range []runs.Erasure{
		{Account: "acct_1", Automation: "auto_none"}, {Account: "acct_1", Run: "run_none"}, {Account: "acct_none"},
		{Account: "acct_1", Run: "run_1auto_1"}, {Account: "acct_none", Automation: "auto_1"}, {Account: "acct_1", Email: "bob@example.com"},
	} {
		b.wholly(e, 0, 0)
	}
	b.wholly(runs.Erasure{Account: "acct_2", Automation: "auto_1"}, 1, 0)
	b.holds("run_2auto_12", "run_2auto_1", "run_1auto_12", "run_0auto_12", "run_0auto_1")
	b.wholly(runs.Erasure{Account: "acct_1"}, 2, 0)
	b.wholly(runs.Erasure{Account: "acct_12", Run: "run_2auto_1"}, 1, 0)
	b.holds("run_2auto_12", "run_1auto_12")
}

// mentions are runs in which ada@example.com is, and are not, by id.
func mentions() map[string]func(*store.Entry) {
	return map[string]func(*store.Entry){
		"in_email":   func(e *store.Entry) { e.Run.Respondent = runs.Respondent{Email: "Ada@Example.COM"} },
		"in_name":    func(e *store.Entry) { e.Run.Respondent = runs.Respondent{LastName: "ada@example.com"} },
		"in_id":      func(e *store.Entry) { e.Run.Respondent = runs.Respondent{ID: "ada@example.com"} },
		"in_event":   func(e *store.Entry) { e.Run.Event = "ada@example.com:7" },
		"in_message": func(e *store.Entry) { e.Run.Message = []byte(`{"to":"ADA@example.com"}`) },
		"in_json":    func(e *store.Entry) { e.Run.Message = []byte(`{"to":"\u0061da\u0040example\u002Ecom"}`) },
		"in_binary":  func(e *store.Entry) { e.Run.Message = []byte("\x00\xff ada@example.com\x00") },
		"in_url":     func(e *store.Entry) { e.Run.URL = "https://example.com/?to=ada%40example.com" },
		"in_warning": func(e *store.Entry) { e.Run.Warnings = []string{"", "ada@example.com has no name"} },
		"not_joada":  func(e *store.Entry) { e.Run.Respondent.Email = "joada@example.com" },
		"not_au":     func(e *store.Entry) { e.Run.Message = []byte("ada@example.com.au") },
		"not_other":  func(e *store.Entry) { e.Run.Account = "acct_2"; e.Run.Respondent.Email = "ada@example.com" },
		"not_name":   func(e *store.Entry) { e.Run.Respondent = runs.Respondent{FirstName: "Ada", LastName: "Example"} },
		"not_at_all": func(*store.Entry) {},
		"not_empty":  func(e *store.Entry) { e.Run = runs.Run{ID: e.Run.ID, Account: account, Automation: lane} },
	}
}

func erasePerson(b *bed) {
	gone := 0
	var left []string
	for id, mention := range mentions() {
		e := entry(id)
		e.Run.Respondent = runs.Respondent{ID: "8", FirstName: "Bob", Email: "bob@example.com"}
		mention(&e)
		b.publish(e)
		if id[:2] == "in" {
			gone++
		} else {
			left = append(left, id)
		}
	}
	b.wholly(runs.Erasure{Account: account, Email: "ada@EXAMPLE.com"}, gone, 0)
	got := idsOf(b.list(runs.Filter{}, 100))
	slices.Sort(got)
	slices.Sort(left)
	b.same("ids of the runs that are left", left, got)
}

func eraseByAttempt(b *bed) {
	in := map[string]runs.Attempt{
		"in_body":   {Body: []byte("<b>ada@example.com</b>")},
		"in_binary": {Body: []byte("\xff\x00ada@example.com")},
		"in_header": {Header: map[string][]string{"X-To": {"", "Ada <ada@example.com>"}}},
		"in_url":    {URL: "https://example.com/ada%40example.com"},
		"in_detail": {Detail: "no mailbox ada@example.com"},
		"not":       {Body: []byte("joada@example.com"), URL: "https://example.com", Detail: "no"},
	}
	for id, a := range in {
		e := entry(id)
		e.Run.Respondent = runs.Respondent{}
		b.publish(e)
		for range 2 {
			res := again(b.gets("the only one", id)[0], 0)
			b.settle(0, res)
		}
		res := failed(b.gets("the only one", id)[0])
		res.Attempt = &a
		b.settle(0, res)
	}
	b.wholly(runs.Erasure{Account: account, Email: "ada@example.com"}, len(in)-1, 3*(len(in)-1))
	b.holds("not")
	b.same("attempts of the one that is left", 3, len(b.get("not").Attempts))
}

func eraseLateResult(b *bed) {
	got := b.begun("run_a", "run_b")
	b.wholly(runs.Erasure{Account: account, Run: "run_a"}, 1, 0)
	b.settle(1, each(got, succeeded)...)
	b.holds("run_b")
	b.same("status of the other", runs.Succeeded, b.get("run_b").Status)
	anew := entry("run_a")
	anew.Lease = lease
	b.publish(anew)
	b.settle(1, succeeded(got[0]))
	b.same("status of the run made anew", runs.Running, b.get("run_a").Status)
}

func eraseQueued(b *bed) {
	b.publish(entries("run_a", "run_b")...)
	b.wholly(runs.Erasure{Account: account, Run: "run_a"}, 1, 0)
	b.settle(0, failed(b.gets("what is left", "run_b")[0]))
	b.hold("auto_2", runs.HoldBusy)
	b.publish(entriesOf("auto_2", "run_c", "run_d")...)
	b.wholly(runs.Erasure{Account: account, Run: "run_c"}, 1, 0)
	b.release("auto_2", 1)
	b.settle(0, failed(b.gets("what was let out", "run_d")[0]))
	b.same("replayed", 2, b.replay(runs.Filter{}, 0, 10).Runs)
	b.gets("replayed", "run_b", "run_d")
}

func eraseSteps(b *bed) {
	got := b.begun(numbered("run", 6)...)
	b.publish(entriesOf("auto_2", "run_x")...)
	other := entry("run_y")
	other.Run.Respondent.Email = "bob@example.com"
	b.publish(other)
	b.publish(entries("run_z")...)
	last := b.get("run_z").Seq
	var after int64
	for _, want := range []store.Erased{
		{Runs: 4, Messages: 4, Last: got[3].Seq},
		{Runs: 3, Messages: 3, Last: b.get("run_y").Seq},
		{Runs: 1, Messages: 1, Last: last, Done: true},
		{Last: last, Done: true},
	} {
		step := b.erase(runs.Erasure{Account: account, Email: "ada@example.com"}, after, 4)
		b.same("step", want, step)
		after = step.Last
	}
	b.holds("run_y")
	b.publish(entriesOf("auto_2", "run_u", "run_v")...)
	step := b.erase(runs.Erasure{Account: account, Automation: "auto_2"}, b.get("run_u").Seq, 1)
	b.same("step after the first of two", store.Erased{Runs: 1, Messages: 1, Last: step.Last, Done: true}, step)
	b.holds("run_u", "run_y")
}

func eraseNone(b *bed) {
	e := runs.Erasure{Account: account}
	b.same("erasure of an empty store", store.Erased{Last: 7, Done: true}, b.erase(e, 7, 10))
	b.publish(entry("run_a"))
	for _, max := range []int{0, -1, -2} {
		b.same("step", store.Erased{}, b.erase(e, 0, max))
	}
	b.holds("run_a")
}

func eraseSharedMessage(b *bed) {
	message := []byte("shared by three")
	b.publish(sharing(message, "run_a", "run_b", "run_c")...)
	messages := 0
	for i, id := range []string{"run_a", "run_c", "run_b"} {
		step := b.erase(runs.Erasure{Account: account, Run: id}, 0, 1)
		b.same("runs erased", 1, step.Runs)
		if messages += step.Messages; step.Messages > 1 || messages > i+1 {
			b.Errorf("erasing %s removed %d messages", id, step.Messages)
		}
		for _, r := range b.list(runs.Filter{}, 10) {
			b.messageIs(b.get(r.ID), message)
		}
	}
	if messages == 0 {
		b.Errorf("erasing all runs that shared a message removed none")
	}
}

func eraseLeavesNothing(b *bed) {
	r := b.begun("run_a")[0]
	b.settle(0, failed(r))
	b.wholly(runs.Erasure{Account: account, Run: "run_a"}, 1, 1)
	e := entry("run_a")
	e.Run.Message = []byte("new")
	b.same("ids created", []string{"run_a"}, idsOf(b.publish(e)))
	got := b.get("run_a")
	if got.Seq <= r.Seq {
		b.Errorf("a new run has sequence number %d, want one above %d, which an erased one had", got.Seq, r.Seq)
	}
	want := born(e, b.clock.read())
	want.Seq = got.Seq
	b.same("run made anew", want, got)
}

func eraseInvalid(b *bed) {
	b.publish(entry("run_a"))
	for _, e := range []runs.Erasure{{}, {Automation: lane}, {Account: account, Email: "ada"}, {Account: account, Automation: lane, Run: "run_a"}} {
		if got, err := b.Erase(b.Context(), e, 0, 10); err == nil || got != (store.Erased{}) {
			b.Errorf("Erase(%+v) gave %+v and error %v, want an error", e, got, err)
		}
	}
	b.holds("run_a")
}
