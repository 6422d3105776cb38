package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func waitClaims() []claim {
	return []claim{
		{"what another makes due, or configures, wakes who waits", waitWakes},
		{"all who wait are woken", waitWakesAll},
		{"waiting ends with its context", waitEnds},
	}
}

const (
	wakeTime  = 30 * time.Second       // a store that takes longer does not wake
	quietTime = 500 * time.Millisecond // one that wakes for nothing all the time never is as long without
)

// waiter returns the store as one that can be waited for; the proof ends where it cannot.
func (b *bed) waiter() store.Waiter {
	b.Helper()
	w, ok := b.Store.(store.Waiter)
	if !ok {
		b.Skip("the store is no store.Waiter")
	}
	if err := w.Wait(b.Context()); errors.Is(err, errors.ErrUnsupported) {
		b.Skip("the store cannot wait here: ", err)
	}
	return w
}

// listen waits again and again until the proof ends; heard gets something each time that it was woken.
func (b *bed) listen(w store.Waiter) (heard chan struct{}) {
	heard = make(chan struct{})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	b.Cleanup(func() { cancel(); <-ended })
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if err := w.Wait(ctx); err != nil && ctx.Err() == nil {
				b.Errorf("Wait: %v", err)
				return
			}
			select {
			case heard <- struct{}{}:
			case <-ctx.Done():
			}
		}
	}()
	return heard
}

// calms waits until a listener is woken no more, so that what wakes it then is what the proof does.
func (b *bed) calms(heard chan struct{}) {
	b.Helper()
	for range 100 {
		select {
		case <-heard:
		case <-time.After(quietTime):
			return
		}
	}
	b.Fatal("Wait returned a hundred times although nothing happened")
}

func (b *bed) wakes(what string, heard chan struct{}) {
	b.Helper()
	select {
	case <-heard:
	case <-time.After(wakeTime):
		b.Fatalf("%s woke nobody", what)
	}
}

func waitWakes(b *bed) {
	heard := b.listen(b.waiter())
	later := entry("run_b")
	later.Delay = time.Hour
	for _, cause := range []struct {
		what string
		do   func()
	}{
		{"a run", func() { b.publish(entry("run_a")) }},
		{"a run that is due later", func() { b.publish(later) }},
		{"a run after a change that failed", func() {
			stale := sample("auto_stale")
			stale.Version = 7
			_, err := b.Put(b.Context(), []automation.Automation{stale})
			b.same("the change is a conflict", true, errors.Is(err, store.ErrConflict))
			b.publish(entry("run_c"))
		}},
		{"a replay", func() { b.replay(runs.Filter{IDs: []string{"run_b"}}, 0, 10) }},
		{"a saved automation", func() { b.put(sample("auto_a")) }},
		{"data labels", func() {
			b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: map[string]string{"q1": "one"}})
		}},
		{"a deleted automation", func() { b.must("Delete", b.Delete(b.Context(), account, []string{"auto_a"})) }},
	} {
		b.calms(heard)
		cause.do()
		b.wakes(cause.what, heard)
	}
}

func waitWakesAll(b *bed) {
	w := b.waiter()
	listeners := []chan struct{}{b.listen(w), b.listen(w), b.listen(w)}
	for range 3 {
		for _, heard := range listeners {
			b.calms(heard)
		}
	}
	b.publish(entry("run_a"))
	for _, heard := range listeners {
		b.wakes("a run", heard)
	}
}

func waitEnds(b *bed) {
	w := b.waiter()
	ctx, cancel := context.WithTimeout(b.Context(), quietTime)
	defer cancel()
	for range 100 {
		if err := w.Wait(ctx); err != nil {
			b.same("the error of the context is that of Wait", true, errors.Is(err, context.DeadlineExceeded))
			return
		}
	}
	b.Error("Wait returned a hundred times although nothing happened")
}
