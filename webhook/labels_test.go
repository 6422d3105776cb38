package webhook

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
)

// lateLabels is a store whose labels reach the reader late, so that all who read at once have read the same.
type lateLabels struct{ store.Store }

func (s lateLabels) Labels(ctx context.Context, account, survey string) (store.SurveyLabels, error) {
	saved, err := s.Store.Labels(ctx, account, survey)
	<-time.After(time.Millisecond)
	return saved, err
}

// S4: edits of one survey at once all hold, though each begins from labels that the others change.
func TestLabelEditsAtOnceAllHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var vars []labels.Variable
		want := map[string]string{}
		for i := range 20 {
			vars = append(vars, labels.Variable{ID: fmt.Sprint("v", i), Kind: labels.Question})
			want[fmt.Sprint("v", i)] = fmt.Sprint("label_", i)
		}
		r := newRig(t, lateLabels{memory.New()}, Options{Variables: func(context.Context, string, string) ([]labels.Variable, error) {
			return vars, nil
		}})
		var wg sync.WaitGroup
		for id, label := range want {
			wg.Go(func() {
				set, err := r.SetLabels(t.Context(), account, "42", map[string]string{id: label})
				if got, _ := set.Data(id); err != nil || got != label {
					t.Errorf("SetLabels of %s gave %q, error %v; want %q", id, got, err, label)
				}
			})
		}
		wg.Wait()
		set, err := r.Labels(t.Context(), account, "42")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, set.Stored()); diff != "" {
			t.Errorf("labels after all edits (-want +got):\n%s", diff)
		}
	})
}

// S4: an edit is judged with those that came before it, so of two that want one label at once the second is refused.
func TestLabelEditsAtOnceAreJudgedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, lateLabels{memory.New()}, surveyed)
		errs := make(chan error, 2)
		for _, id := range []string{"q1", "q2"} {
			go func() {
				_, err := r.SetLabels(t.Context(), account, "42", map[string]string{id: "leeftijd"})
				errs <- err
			}()
		}
		won, lost := <-errs, <-errs
		var refused labels.Errors
		if won != nil || !errors.As(lost, &refused) || refused[0].Rule != labels.RuleUnique {
			t.Errorf("SetLabels of one label for two variables: %v, then %v; want the second refused as %s", won, lost, labels.RuleUnique)
		}
	})
}

// contested is a store in which somebody else is always faster to save labels.
type contested struct{ store.Store }

func (contested) SetLabels(context.Context, []store.SurveyLabels) error { return store.ErrConflict }

func TestLabelEditEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, lateLabels{contested{memory.New()}}, surveyed)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.SetLabels(ctx, account, "42", map[string]string{"q1": "leeftijd"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("SetLabels that never holds: %v, want context.DeadlineExceeded", err)
		}
	})
}
