package route_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/route"
)

// audible is a store whose Wait returns what it is told to.
type audible struct {
	store.Store
	tell chan error
}

func (a audible) Wait(ctx context.Context) error {
	select {
	case err := <-a.tell:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// heard makes a store of two shards that can be heard.
func heard(t *testing.T) (st *route.Store, first, second audible) {
	t.Helper()
	first, second = audible{memory.New(), make(chan error)}, audible{memory.New(), make(chan error)}
	st, err := route.New([]store.Store{first, second}, spread)
	if err != nil {
		t.Fatal(err)
	}
	return st, first, second
}

// waits returns what Wait does within an hour.
func waits(st *route.Store) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	return st.Wait(ctx)
}

func TestAnyShardWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, first, second := heard(t)
		defer st.Close()
		told := make(chan error)
		for _, shard := range []audible{first, second} {
			go func() { told <- waits(st) }()
			go func() { told <- waits(st) }()
			synctest.Wait()
			shard.tell <- nil
			if err := errors.Join(<-told, <-told); err != nil {
				t.Errorf("of two who wait: %v", err)
			}
		}
	})
}

// What happens while nobody waits is for the next one who does, once.
func TestWhatIsHeardMeanwhileIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, first, second := heard(t)
		defer st.Close()
		go func() { first.tell <- nil }()
		if err := waits(st); err != nil {
			t.Fatal(err)
		}
		first.tell <- nil
		second.tell <- nil
		synctest.Wait()
		if err := waits(st); err != nil {
			t.Errorf("after two shards were heard: %v", err)
		}
		if err := waits(st); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("once more: %v, want the end of its context", err)
		}
	})
}

func TestShardThatCannotBeHeardNowIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, first, second := heard(t)
		defer st.Close()
		told := make(chan error)
		for _, shard := range []audible{second, first} { // the other one, and it itself
			go func() { told <- waits(st) }()
			first.tell <- errors.New("no connection")
			first.tell <- errors.New("still none")
			shard.tell <- nil
			if err := <-told; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestShardsThatNeverCanBeHeardAreNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, first, second := heard(t)
		defer st.Close()
		told := make(chan error)
		go func() { told <- waits(st) }()
		first.tell <- errors.ErrUnsupported
		second.tell <- nil
		if err := <-told; err != nil {
			t.Errorf("with one that can: %v", err)
		}
		go func() { told <- waits(st) }()
		second.tell <- errors.ErrUnsupported
		if err := <-told; !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("with none: %v, want %v", err, errors.ErrUnsupported)
		}
	})
	st, err := route.New([]store.Store{memory.New()}, func(string) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Wait(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("over a store that is no Waiter: %v, want %v", err, errors.ErrUnsupported)
	}
}

// Shards end what was leased with who listens to them: so nobody does any more when the last one who waited has stopped, and
// somebody does for as long as one waits, or comes back.
func TestShardsAreListenedToWhileAnybodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, first, _ := heard(t)
		listened := func() bool {
			select {
			case first.tell <- nil:
				return true
			case <-time.After(time.Second):
				return false
			}
		}
		one, stopOne := context.WithCancel(t.Context())
		two, stopTwo := context.WithCancel(t.Context())
		defer stopTwo()
		told := make(chan error)
		go func() { told <- st.Wait(one) }()
		synctest.Wait()
		first.tell <- nil
		if err := <-told; err != nil || !listened() {
			t.Errorf("between two Waits, the first of which said %v, nobody listened", err)
		}
		if err := st.Wait(one); err != nil {
			t.Error(err)
		}
		go func() { told <- st.Wait(one) }()
		go func() { told <- st.Wait(two) }()
		synctest.Wait()
		stopOne()
		if err := <-told; !errors.Is(err, context.Canceled) || !listened() {
			t.Errorf("one of two stopped with %v, and nobody listened for the other", err)
		}
		if err := <-told; err != nil {
			t.Error(err)
		}
		stopTwo()
		if err := st.Wait(two); !errors.Is(err, context.Canceled) || listened() {
			t.Errorf("the last one stopped with %v, and somebody listened", err)
		}
		go func() { told <- st.Wait(t.Context()) }()
		synctest.Wait()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if err := <-told; err == nil || listened() {
			t.Errorf("after Close Wait said %v, or somebody listened", err)
		}
	})
}
