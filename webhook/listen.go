package webhook

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// maxDeaf bounds the pause before trying to listen again, as what this process has leased may be taken from it meanwhile.
const maxDeaf = time.Second

// hear begins to listen, if the store can tell, and returns what ends that. Where leases end with their process, they do because of
// what it listens by: so it listens before it has any, unless that takes long, and for as long as it has.
func (d *Dispatcher) hear(ctx context.Context) (stop func()) {
	w, ok := d.store.(store.Waiter)
	if !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	first := make(chan struct{})
	listening.Go(func() { d.listen(ctx, w, sync.OnceFunc(func() { close(first) })) })
	select {
	case <-first:
	case <-time.After(maxDeaf):
	}
	return func() { cancel(); listening.Wait() }
}

// listen wakes the claimer when another process did something that this one may have to act on, until ctx ends. While the store
// cannot tell, the claimer finds it within Options.Poll; that is told once, not at each try.
func (d *Dispatcher) listen(ctx context.Context, w store.Waiter, tried func()) {
	pause := firstPause
	for ctx.Err() == nil {
		err := w.Wait(ctx)
		tried()
		if err == nil {
			pause = firstPause
			d.Wake()
			continue
		}
		if pause == firstPause && ctx.Err() == nil {
			d.options.Log.Warn("other processes not heard", "poll", d.options.Poll, "error", err)
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, maxDeaf)
	}
}
