package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func walkClaims() []claim {
	claims := []claim{{"many do everything at once, and nothing is lost or done twice", crowdedWalk}}
	for seed := range uint64(4) {
		claims = append(claims, claim{fmt.Sprintf("a random walk in lockstep with an oracle, seed %d", seed), func(b *bed) { walk(b, seed, 400) }})
	}
	return claims
}

// walker does the same to a store and to an oracle, and reports where they part.
type walker struct {
	*bed
	*rand.Rand
	oracle  oracle
	held    []runs.Run // claimed at some time: their results come in any order, some twice, some never
	deleted map[string]bool
}

var walkLanes = [...]string{"auto_1", "auto_2", "auto_3", "auto_4"}

func walk(b *bed, seed uint64, steps int) {
	w := &walker{
		bed: b, Rand: rand.New(rand.NewPCG(seed, 6)), deleted: map[string]bool{},
		oracle: oracle{holds: map[string]runs.Hold{}, health: map[string]runs.Health{}},
	}
	for _, id := range walkLanes {
		b.put(sample(id))
	}
	verbs := []struct {
		name   string
		weight int
		do     func()
	}{
		{"publish", 8, w.publish}, {"claim", 10, w.claim}, {"settle", 12, w.settle}, {"move the clock", 8, w.move},
		{"hold", 2, w.hold}, {"release", 5, w.release}, {"replay", 3, w.replay}, {"prune", 2, w.prune},
	}
	var path []string
	for n := range steps {
		verb := w.IntN(50)
		for _, v := range verbs {
			if verb -= v.weight; verb < 0 {
				path = append(path, v.name)
				w.oracle.now = b.clock.read()
				v.do()
				break
			}
		}
		if n == steps*3/4 {
			w.delete(walkLanes[3])
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
		e.Run.Automation, e.Run.Account = w.lane(), pick(w.Rand, "acct_1", "acct_2")
		e.Run.Respondent = pick(w.Rand, people()...)
		switch w.IntN(4) {
		case 0:
			e.Delay = time.Duration(w.IntN(100)) * time.Second
		case 1:
			e.Lease = time.Duration(1+w.IntN(60)) * time.Second
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
			w.held = append(w.held, r)
		}
	}
}

// claim lets the store choose among runs that are due equally long.
func (w *walker) claim() {
	most := w.IntN(8)
	due := w.oracle.due()
	slices.SortStableFunc(due, func(a, b *oracleRun) int { return a.Due.Compare(b.Due) })
	got := w.claimed(most)
	if want := min(most, len(due)); len(got.Runs) != want {
		w.Fatalf("Claim of at most %d gave %q, want %d of %d that are due", most, idsOf(got.Runs), want, len(due))
	}
	for _, r := range got.Runs {
		chosen := w.oracle.find(r.ID)
		if !slices.Contains(due, chosen) || chosen.Due.After(due[len(got.Runs)-1].Due) {
			w.Fatalf("Claim gave %s, due %v, while others are due longer", r.ID, chosen.Due)
		}
	}
	for _, r := range got.Runs {
		chosen := w.oracle.find(r.ID)
		w.oracle.claim(chosen)
		want := w.oracle.shown(chosen)
		want.Attempts = nil
		w.same("claimed run", want, r)
	}
	w.same("Next", w.oracle.next(), got.Next)
	var busy []string
	for _, id := range slices.Sorted(maps.Keys(w.oracle.holds)) {
		if w.oracle.holds[id] == runs.HoldBusy {
			busy = append(busy, id)
		}
	}
	w.same("automations held as busy", busy, got.Held)
	w.held = append(w.held, got.Runs...)
}

func (w *walker) settle() {
	var results []runs.Result
	for range min(len(w.held), w.IntN(6)) {
		i := w.IntN(len(w.held))
		r := w.held[i]
		if w.IntN(5) > 0 {
			w.held = slices.Delete(w.held, i, i+1)
		}
		res := pick(w.Rand, succeeded, failed, func(r runs.Run) runs.Result { return again(r, time.Duration(w.IntN(90))*time.Second) },
			func(r runs.Run) runs.Result { return runs.GiveBack(r, time.Duration(w.IntN(3))*time.Second) })(r)
		if res.Attempt != nil && w.IntN(3) == 0 {
			res.Health = sick(w.IntN(3))
		}
		results = append(results, res)
		if len(w.held) == 0 {
			break
		}
	}
	w.bed.settle(w.oracle.settle(results), results...)
}

func (w *walker) move() { w.clock.move(time.Duration(w.IntN(90_000_000)) * time.Microsecond) }

func (w *walker) hold() {
	f := store.Flow{Automation: w.lane(), Hold: pick(w.Rand, runs.HoldBusy, runs.HoldDisabled)}
	w.flow(f)
	w.oracle.flow(f)
}

func (w *walker) release() {
	f := store.Flow{Automation: w.lane(), Release: w.IntN(5)}
	w.flow(f)
	w.oracle.flow(f)
}

func (w *walker) replay() {
	f := runs.Filter{Automation: pick(w.Rand, "", w.lane()), Account: pick(w.Rand, "", "acct_1")}
	if w.IntN(2) == 0 {
		f.Statuses = []runs.Status{pick(w.Rand, runs.Statuses()...)}
	}
	var after int64
	if n := len(w.oracle.runs); n > 0 && w.IntN(2) == 0 {
		after = w.oracle.runs[w.IntN(n)].Seq
	}
	most := 1 + w.IntN(4)
	w.same("replayed", w.oracle.replay(f, after, most), w.bed.replay(f, after, most))
}

func (w *walker) prune() {
	age, most := time.Duration(w.IntN(600))*time.Second, w.IntN(8)
	w.bed.prune(w.oracle.prune(age, most), age, most)
}

func (w *walker) delete(id string) {
	w.must("Delete", w.Delete(w.Context(), account, []string{id}))
	w.deleted[id] = true
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
	w.same("runs", want, w.list(runs.Filter{}, 30+w.IntN(300)))
	got, err := w.Count(w.Context(), runs.Filter{})
	w.must("Count", err)
	w.same("counts", counts, got)
	holds := maps.Clone(w.oracle.holds)
	maps.DeleteFunc(holds, func(id string, _ runs.Hold) bool { return w.deleted[id] })
	w.same("holds", holds, w.changes(0).Holds)
	health := maps.Clone(w.oracle.health)
	maps.DeleteFunc(health, func(id string, h runs.Health) bool { return h == runs.Health{} || w.deleted[id] })
	w.healthIs(health)
	if len(w.oracle.runs) == 0 {
		return
	}
	one := pick(w.Rand, w.oracle.runs...)
	r, err := w.Get(w.Context(), one.Account, one.ID)
	w.must("Get", err)
	w.same("one run", w.oracle.shown(one), r)
}
