package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// cancelClaims are one for each method.
func cancelClaims() []claim {
	var claims []claim
	for verb, call := range map[string]func(context.Context, *bed) error{
		"Publish": func(ctx context.Context, b *bed) error { return second(b.Publish(ctx, entries("run_x"))) },
		"Claim":   func(ctx context.Context, b *bed) error { return second(b.Claim(ctx, store.Lease{Max: 1, For: lease})) },
		"Settle": func(ctx context.Context, b *bed) error {
			return second(b.Settle(ctx, []store.Outcome{b.judged(gone(b.get("run_a")), fiveDays())}))
		},
		"Flow": func(ctx context.Context, b *bed) error {
			return b.Flow(ctx, []store.Flow{{Automation: lane, Hold: runs.HoldBusy}})
		},
		"ClaimNotices": func(ctx context.Context, b *bed) error {
			_, _, err := b.ClaimNotices(ctx, store.Lease{Max: 1, For: 2 * lease})
			return err
		},
		"SettleNotices": func(ctx context.Context, b *bed) error {
			due, _ := b.noticesOf(1)
			return b.SettleNotices(ctx, due, time.Hour)
		},
		"Changes": func(ctx context.Context, b *bed) error { return second(b.Changes(ctx, "")) },
		"Put": func(ctx context.Context, b *bed) error {
			return second(b.Put(ctx, []automation.Automation{sample("auto_x")}))
		},
		"Delete": func(ctx context.Context, b *bed) error { return b.Delete(ctx, account, []string{lane}) },
		"Labels": func(ctx context.Context, b *bed) error { return second(b.Labels(ctx, account, "s1")) },
		"SetLabels": func(ctx context.Context, b *bed) error {
			return b.SetLabels(ctx, []store.SurveyLabels{{Account: account, Survey: "s2"}})
		},
		"PutKeys": func(ctx context.Context, b *bed) error { return second(b.PutKeys(ctx, []store.Key{key("key_x")})) },
		"Keys":    func(ctx context.Context, b *bed) error { return second(b.Keys(ctx, account, lane)) },
		"MarkKeys": func(ctx context.Context, b *bed) error {
			return b.MarkKeys(ctx, []store.KeyMark{{Account: account, ID: "key_a", Used: true}})
		},
		"List":   func(ctx context.Context, b *bed) error { return second(b.List(ctx, runs.Filter{}, "", 1)) },
		"Get":    func(ctx context.Context, b *bed) error { return second(b.Get(ctx, account, "run_a")) },
		"Count":  func(ctx context.Context, b *bed) error { return second(b.Count(ctx, runs.Filter{})) },
		"Replay": func(ctx context.Context, b *bed) error { return second(b.Replay(ctx, runs.Filter{}, 0, 10)) },
		"Erase": func(ctx context.Context, b *bed) error {
			return second(b.Erase(ctx, runs.Erasure{Account: account}, 0, 10))
		},
		"Accounts":  func(ctx context.Context, b *bed) error { return second(b.Accounts(ctx, "", 10)) },
		"PruneKeys": func(ctx context.Context, b *bed) error { return second(b.PruneKeys(ctx, account, []string{lane}, 0)) },
		"Prune":     func(ctx context.Context, b *bed) error { return second(b.Prune(ctx, account, 0, 0, 10)) },
	} {
		claims = append(claims, claim{verb + " under a context that has ended fails and does nothing", func(b *bed) {
			cancelled(b, verb, call)
		}})
	}
	return claims
}

func second[T any](_ T, err error) error { return err }

func cancelled(b *bed, verb string, call func(context.Context, *bed) error) {
	b.put(active(lane), active("auto_2"))
	b.ends("auto_2", fiveDays(), failed)
	b.setLabels(store.SurveyLabels{Account: account, Survey: "s1", Labels: map[string]string{"q1": "kept"}})
	keys := b.putKeys(key("key_a"))
	got := b.begun("run_a", "run_b")
	b.settle(0, failed(got[1]))
	b.publish(entry("run_c"))
	b.clock.move(time.Second)
	config, list := b.changes(""), b.list(runs.Filter{}, 10)

	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	if err := call(ctx, b); !errors.Is(err, context.Canceled) {
		b.Errorf("%s: error %v, want context.Canceled", verb, err)
	}
	b.same("configuration after "+verb, config, b.changes(""))
	b.keysAre("after "+verb, keys...)
	b.same("runs after "+verb, list, b.list(runs.Filter{}, 10))
	b.publish(entry("run_d"))
	b.gets("after "+verb, "run_c", "run_d")
	b.clock.move(lease)
	b.notices("after "+verb, map[automation.Change]int{automation.Failing: 1})
}
