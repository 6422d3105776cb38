package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func walkClaims() []claim {
	claims := []claim{{"many do everything at once, and nothing is lost or done twice", crowdedWalk}}
	for seed := range uint64(6) {
		claims = append(claims, claim{fmt.Sprintf("a random walk in lockstep with an oracle, seed %d", seed), func(b *bed) { walk(b, seed, 500) }})
	}
	return claims
}

// walker does the same to a store and to an oracle, and reports where they part.
type walker struct {
	*bed
	*rand.Rand
	oracle  oracle
	taken   []runs.Run // claimed at some time: their outcomes come in any order, some twice, some never
	leased  []store.Notice
	ordered string // the lane that is
	deleted string
}

var walkLanes = [...]string{"auto_1", "auto_2", "auto_3", "auto_4", "auto_5"}

func walk(b *bed, seed uint64, steps int) {
	w := &walker{
		bed: b, Rand: rand.New(rand.NewPCG(seed, 6)), ordered: "auto_4",
		oracle: oracle{lanes: map[string]*oracleLane{}, notices: map[noticeKey]*oracleNotice{}, keys: map[string]store.Key{}},
	}
	for _, id := range walkLanes {
		a := active(id)
		a.Limits.Ordered = id == w.ordered
		w.oracle.put(b.put(a)[0])
	}
	verbs := []struct {
		name   string
		weight int
		do     func()
	}{
		{"publish", 9, w.publish}, {"claim", 10, w.claim}, {"settle", 13, w.settle}, {"move the clock", 9, w.move}, {"hold", 2, w.hold},
		{"release", 6, w.release}, {"replay", 3, w.replay}, {"prune", 2, w.prune}, {"erase", 1, w.erase}, {"save", 1, w.save}, {"notices", 3, w.tell},
		{"keys", 3, w.keys}, {"prune keys", 1, w.pruneKeys},
	}
	var path []string
	for n := range steps {
		verb := w.IntN(63)
		for _, v := range verbs {
			if verb -= v.weight; verb < 0 {
				path = append(path, v.name)
				w.oracle.now = b.clock.read()
				v.do()
				break
			}
		}
		if n == steps*3/4 {
			w.delete("auto_5")
		}
		if n%4 == 3 { // all of it, which takes a while
			w.compare()
		}
		if b.Failed() {
			b.Fatalf("store and oracle part after step %d: … %q", n+1, path[max(0, len(path)-10):])
		}
	}
}

func (w *walker) lane() string { return pick(w.Rand, walkLanes[:]...) }

func (w *walker) publish() {
	var list []store.Entry
	for range w.IntN(6) {
		e := entry(fmt.Sprintf("run_%03d", w.IntN(200)))
		e.Run.Automation, e.Run.Account = w.lane(), w.account()
		e.Run.Respondent = pick(w.Rand, people()...)
		switch w.IntN(4) {
		case 0:
			e.Delay = time.Duration(w.IntN(100)) * time.Second
		case 1:
			if e.Run.Automation != w.ordered {
				e.Lease = time.Duration(1+w.IntN(60)) * time.Second
			}
		}
		if len(list) > 0 && w.IntN(2) == 0 {
			e.Run.Message = list[0].Run.Message
		}
		list = append(list, e)
	}
	created := w.bed.publish(list...)
	w.same("ids created", w.oracle.publish(list), idsOf(created))
	for _, r := range created {
		w.oracle.find(r.ID).Seq = r.Seq
		if r.Status == runs.Running {
			w.taken = append(w.taken, r)
		}
	}
}

// claim claims once, and on until no more is due, if that met runs of held lanes.
func (w *walker) claim() {
	most := w.IntN(8)
	for range 100 {
		if w.claimOnce(most) {
			return
		}
		most = 100
	}
	w.Fatal("Claim says that more may be due, a hundred times")
}

// claimOnce lets the store choose among runs that are due equally long, and how many runs of held lanes it looks at. It
// tells whether the oracle knows which those are.
func (w *walker) claimOnce(most int) bool {
	free, blocked := w.oracle.due()
	slices.SortStableFunc(free, func(a, b *oracleRun) int { return a.Due.Compare(b.Due) })
	c := w.claimed(most)
	if want := min(most, len(free)); len(c.Runs) > want || len(c.Runs) < want && (c.Next > 0 || len(blocked) == 0) {
		w.Fatalf("Claim of at most %d gave %q and Next %v, while %d are due and %d of held lanes", most, idsOf(c.Runs), c.Next, len(free), len(blocked))
	}
	for _, r := range c.Runs {
		chosen := w.oracle.find(r.ID)
		if !slices.Contains(free, chosen) || chosen.Due.After(free[len(c.Runs)-1].Due) {
			w.Fatalf("Claim gave %s, due %v, which is held, or others are due longer", r.ID, chosen.Due)
		}
	}
	for _, r := range c.Runs {
		chosen := w.oracle.find(r.ID)
		w.oracle.claim(chosen)
		want := w.oracle.shown(chosen)
		want.Attempts = nil
		w.same("claimed run", want, r)
	}
	w.taken = append(w.taken, c.Runs...)
	if len(blocked) > 0 && (c.Next == 0 || most <= 0) {
		return most <= 0
	}
	for _, r := range blocked {
		w.met(r)
	}
	w.same("Next", w.oracle.next(), c.Next)
	w.same("Held", w.oracle.listed(), sorted(c.Held))
	return true
}

// met takes over of the store when a run waits since that a claim took out of the queue.
func (w *walker) met(r *oracleRun) {
	got, err := w.Get(w.Context(), r.Account, r.ID)
	w.must("Get", err)
	r.held, r.leased, r.out, r.StatusAt, r.Due = true, false, false, got.StatusAt, got.Due
}

func (w *walker) settle() {
	var outcomes []store.Outcome
	for range min(len(w.taken), w.IntN(6)) {
		i := w.IntN(len(w.taken))
		r := w.taken[i]
		if w.IntN(5) > 0 {
			w.taken = slices.Delete(w.taken, i, i+1)
		}
		if known := w.oracle.find(r.ID); known != nil && known.held && known.Fence == r.Fence {
			continue // its lease passed, and it was held: whether it may still be settled is the store's affair
		}
		o := pick(w.Rand, succeeded, failed, gone, func(r runs.Run) store.Outcome { return again(r, time.Duration(w.IntN(90))*time.Second) },
			func(r runs.Run) store.Outcome { return again(r, 0) },
			func(r runs.Run) store.Outcome { return givenBack(r, time.Duration(w.IntN(3))*time.Second) })(r)
		if o.Attempt != nil && r.Automation != w.deleted {
			o = w.judged(o, pick(w.Rand, nil, fiveDays(), &automation.DisableRule{FailedRuns: 4}))
		}
		outcomes = append(outcomes, o)
		if len(w.taken) == 0 {
			break
		}
	}
	stale, verdicts := w.oracle.settle(outcomes)
	got := w.bed.settle(stale, outcomes...)
	w.same("verdicts", told(verdicts), told(got))
	for _, v := range verdicts { // whether a lane of which none is held opens at once is the store's affair
		if l := w.oracle.lane(v.Automation); v.Hold != "" && !l.until.After(w.oracle.now) && len(w.oracle.of(v.Automation)) == 0 {
			w.flowBoth(store.Flow{Automation: v.Automation, Release: 1})
		}
	}
}

// told is what of verdicts is told to people.
func told(verdicts []store.Verdict) (list []string) {
	for _, v := range verdicts {
		list = append(list, fmt.Sprintf("%s %s %+v", v.Automation, v.Change, v.Health))
	}
	return list
}

func (w *walker) move() { w.clock.move(time.Duration(w.IntN(90_000_000)) * time.Microsecond) }

func (w *walker) flowBoth(f store.Flow) {
	w.flow(f)
	w.oracle.flow(f)
}

// hold replaces no pause, since which of two ends the lane's is the store's affair.
func (w *walker) hold() {
	id := w.lane()
	if w.oracle.lane(id).until.After(w.oracle.now) {
		return
	}
	w.flowBoth(store.Flow{
		Automation: id, Hold: pick(w.Rand, runs.HoldBusy, runs.HoldSlow, runs.HoldFailing),
		Pause: pick(w.Rand, 0, 0, time.Duration(w.IntN(40))*time.Second),
	})
}

func (w *walker) release() {
	w.flowBoth(store.Flow{Automation: w.lane(), Release: w.IntN(5), Pause: pick(w.Rand, 0, 0, time.Duration(w.IntN(3000))*time.Millisecond)})
}

func (w *walker) replay() {
	f := runs.Filter{Automation: pick(w.Rand, "", w.lane()), Account: pick(w.Rand, "", "acct_1")}
	if w.IntN(2) == 0 {
		f.Statuses = []runs.Status{pick(w.Rand, runs.Statuses()...)}
	}
	after := w.after()
	most := 1 + w.IntN(4)
	w.same("replayed", w.oracle.replay(f, after, most), w.bed.replay(f, after, most))
}

func (w *walker) prune() {
	whose, after := w.account(), w.after()
	age, most := time.Duration(w.IntN(600))*time.Second, w.IntN(8)
	w.same("pruned", w.oracle.prune(whose, age, after, most), w.pruned(whose, age, after, most))
}

func (w *walker) erase() {
	e := runs.Erasure{Account: w.account()}
	switch w.IntN(4) {
	case 0:
		e.Run = fmt.Sprintf("run_%03d", w.IntN(200))
	case 1:
		e.Automation = w.lane()
	case 2:
		e.Email = strings.ToUpper(people()[0].Email)
	}
	after, most := w.after(), w.IntN(12)
	want, got := w.oracle.erase(e, after, most), w.bed.erase(e, after, most)
	if got.Messages > got.Runs {
		w.Errorf("Erase removed %d messages of %d runs", got.Messages, got.Runs)
	}
	got.Messages = 0
	w.same("erased", want, got)
}

func (w *walker) account() string { return pick(w.Rand, "acct_1", "acct_2") }

// after returns where a step begins: at the oldest run, or after any.
func (w *walker) after() int64 {
	if n := len(w.oracle.runs); n > 0 && w.IntN(2) == 0 {
		return w.oracle.runs[w.IntN(n)].Seq
	}
	return 0
}

// save switches an automation on or off, or its rate.
func (w *walker) save() {
	list := w.changes("").Automations
	a := pick(w.Rand, list...)
	if a.Disabled == nil && w.IntN(2) == 0 {
		a = disabled(a)
	} else {
		a.Disabled = nil
	}
	if a.ID != w.ordered {
		a.Limits.PerSecond = pick(w.Rand, 0, 0.5)
	}
	w.put(a)
	w.oracle.put(a)
}

// tell leases notices, and has told some that were leased at some time.
func (w *walker) tell() {
	due, next := w.noticesOf(w.IntN(5))
	for _, n := range due {
		known := w.oracle.notices[noticeKey{n.Automation, n.Change}]
		if known == nil || known.count == 0 || known.due.After(w.oracle.now) {
			w.Fatalf("notice %+v is not due", n)
		}
		w.sameNotice("notice", store.Notice{Transition: known.latest, Count: known.count}, n)
		known.due, known.fence = w.oracle.now.Add(lease), n.Fence
	}
	want := time.Hour
	for _, n := range w.oracle.notices {
		if n.count > 0 {
			want = min(want, max(0, n.due.Sub(w.oracle.now)))
		}
	}
	w.same("Next of notices", want, next)
	w.leased = append(w.leased, due...)
	if len(w.leased) == 0 || w.IntN(2) == 0 {
		return
	}
	i, quiet := w.IntN(len(w.leased)), time.Duration(w.IntN(200))*time.Second
	n := w.leased[i]
	w.leased = slices.Delete(w.leased, i, i+1)
	known := w.oracle.notices[noticeKey{n.Automation, n.Change}]
	if known.fence == n.Fence && !known.due.After(w.oracle.now) {
		return // its lease has passed and nobody else has it: whether it may still be settled is the store's affair
	}
	w.bed.tell(quiet, n)
	if known.fence == n.Fence {
		known.count, known.due, known.fence = known.count-n.Count, w.oracle.now.Add(quiet), 0
	}
}

func (w *walker) delete(id string) {
	w.must("Delete", w.Delete(w.Context(), account, []string{id}))
	w.bed.release(id, len(w.oracle.runs)) // a store may have them let out like others
	w.deleted = id
	w.oracle.forget(id)
}

// compare reports where the store holds something else than the oracle.
func (w *walker) compare() {
	w.oracle.now = w.clock.read()
	var want []runs.Run
	counts := runs.Counts{}
	for _, r := range slices.Backward(w.oracle.runs) {
		shown := w.oracle.shown(r)
		counts[shown.Status]++
		shown.Message, shown.Attempts = nil, nil
		want = append(want, shown)
	}
	list := w.list(runs.Filter{}, 30+w.IntN(300))
	for i := range list {
		w.unmet(&list[i])
	}
	w.same("runs", want, list)
	got, err := w.Count(w.Context(), runs.Filter{})
	w.must("Count", err)
	w.same("counts", counts, got)
	w.compareLanes()
	w.compareKeys()
	if len(w.oracle.runs) == 0 {
		return
	}
	one := pick(w.Rand, w.oracle.runs...)
	r, err := w.Get(w.Context(), one.Account, one.ID)
	w.must("Get", err)
	w.unmet(&r)
	w.same("one run", w.oracle.shown(one), r)
}

// unmet forgets what a run is shown to be held for, when no claim has met it: the store may know better.
func (w *walker) unmet(r *runs.Run) {
	if known := w.oracle.find(r.ID); known != nil && !known.held && !known.Status.Ended() && r.Held == w.oracle.lane(r.Automation).hold {
		r.Held, r.HeldUntil = "", time.Time{}
	}
	if !r.HeldUntil.After(w.oracle.now) {
		r.HeldUntil = time.Time{}
	}
}

func (w *walker) compareLanes() {
	c := w.changes("")
	health, reasons := map[string]automation.Health{}, map[string]automation.Reason{}
	for id, l := range w.oracle.lanes {
		if l.saved && l.health != (automation.Health{}) {
			health[id] = l.health
		}
		if l.disabled != "" {
			reasons[id] = l.disabled
		}
	}
	w.same("health", health, c.Health)
	got := map[string]automation.Reason{}
	for _, a := range c.Automations {
		if a.Disabled != nil {
			got[a.ID] = a.Disabled.Reason
		}
	}
	w.same("reasons of disabled automations", reasons, got)
}
