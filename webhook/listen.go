package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// listen wakes the claimer when another process did something that this one may have to act on, until ctx ends, if the store
// can tell. While it cannot, the claimer finds it within Options.Poll; that is told once, not at each try.
func (d *Dispatcher) listen(ctx context.Context) {
	w, ok := d.store.(store.Waiter)
	pause := firstPause
	for ok && ctx.Err() == nil {
		err := w.Wait(ctx)
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
		pause = min(2*pause, maxPause)
	}
}
