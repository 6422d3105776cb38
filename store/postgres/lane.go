package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

// lane is a lane that the transaction has locked.
type lane struct {
	sqlstore.Lane
	stored sqlstore.Lane
	now    int64
	waits  bool // a run of it is held that is not written so yet
}

// lockLanes locks lanes until the end of the transaction, but for those that another deletes meanwhile. A transaction that locks the
// row of meta too does so afterwards, and one that settles runs before; other locks of theirs nobody waits for under one of these.
func (s *Store) lockLanes(ctx context.Context, tx pgx.Tx, ids []string) (map[string]*lane, error) {
	lanes := map[string]*lane{}
	if len(ids) == 0 {
		return lanes, nil
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if _, err := s.exec(ctx, tx, "lanes_add", ids); err != nil {
		return nil, err
	}
	found, err := rows(ctx, s, tx, "lanes_lock", func(row pgx.Rows) (*lane, error) {
		l := &lane{}
		err := row.Scan(&l.Automation, &l.Gate, &l.Hold, &l.Until, &l.Head, &l.Health, &l.now)
		l.stored = l.Lane
		return l, err
	}, s.clock(), ids)
	for _, l := range found {
		lanes[l.Automation] = l
	}
	return lanes, err
}

// putLanes writes the lanes that were changed.
func (s *Store) putLanes(ctx context.Context, tx pgx.Tx, lanes map[string]*lane) error {
	var ids []string
	var gates, holds, healths []string
	var untils, heads []int64
	for _, l := range lanes {
		if l.Lane != l.stored {
			ids, gates, holds = append(ids, l.Automation), append(gates, string(l.Gate)), append(holds, string(l.Hold))
			untils, heads, healths = append(untils, l.Until), append(heads, l.Head), append(healths, l.Health)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, tx, "lanes_put", ids, gates, holds, untils, heads, healths)
	return err
}

// Flow implements [store.Queue].
func (s *Store) Flow(ctx context.Context, flows []store.Flow) error {
	if len(flows) == 0 {
		return ctx.Err()
	}
	return s.inOrder(ctx, "change flow", func(ctx context.Context, tx pgx.Tx) error {
		var ids []string
		for _, f := range flows {
			ids = append(ids, f.Automation)
		}
		lanes, err := s.lockLanes(ctx, tx, ids)
		if err != nil {
			return err
		}
		// One that was deleted since, while this waited for it, is not among them: these flows came before that.
		flows := slices.DeleteFunc(slices.Clone(flows), func(f store.Flow) bool { return lanes[f.Automation] == nil })
		for rest := flows; len(rest) > 0; {
			var part []store.Flow
			part, rest = oncePerLane(rest)
			if err := s.flow(ctx, tx, lanes, part); err != nil {
				return err
			}
		}
		return s.putLanes(ctx, tx, lanes)
	})
}

// oncePerLane parts flows before the first one of a lane that had one already.
func oncePerLane(flows []store.Flow) (part, rest []store.Flow) {
	seen := map[string]bool{}
	for i, f := range flows {
		if seen[f.Automation] {
			return flows[:i], flows[i:]
		}
		seen[f.Automation] = true
	}
	return flows, nil
}

// flow does flows of which no two are of one lane.
func (s *Store) flow(ctx context.Context, tx pgx.Tx, lanes map[string]*lane, flows []store.Flow) error {
	var releases []store.Flow
	for _, f := range flows {
		switch l := lanes[f.Automation]; {
		case f.Hold != "":
			l.Take(f, l.now)
		case l.Releases(l.now):
			releases = append(releases, f)
		}
	}
	if len(releases) == 0 {
		return nil
	}
	shares, err := s.shares(ctx, tx, lanes, releases)
	if err != nil {
		return err
	}
	out, err := s.release(ctx, tx, shares)
	if err != nil {
		return err
	}
	var opens []*lane
	for _, f := range releases {
		l := lanes[f.Automation]
		share, out := shares[f.Automation], out[f.Automation]
		if l.Hold == runs.HoldOrdered && share == occupied {
			continue
		}
		l.Released(out, f, l.now)
		if l.Reopens() {
			opens = append(opens, l)
		}
	}
	return s.reopen(ctx, tx, opens)
}

// occupied is the share of a lane of which a run is out.
const occupied = -1

// shares returns how many runs flows let out of their lanes.
func (s *Store) shares(ctx context.Context, tx pgx.Tx, lanes map[string]*lane, flows []store.Flow) (map[string]int, error) {
	var heads []int64
	for _, f := range flows {
		if l := lanes[f.Automation]; l.Hold == runs.HoldOrdered {
			heads = append(heads, l.Head)
		}
	}
	var out []int64
	if len(heads) > 0 {
		var err error
		if out, err = rows(ctx, s, tx, "lanes_occupied", readOne[int64], heads); err != nil {
			return nil, err
		}
	}
	shares := map[string]int{}
	for _, f := range flows {
		l := lanes[f.Automation]
		shares[f.Automation] = l.Share(f)
		if l.Hold == runs.HoldOrdered && slices.Contains(out, l.Head) {
			shares[f.Automation] = occupied
		}
	}
	return shares, nil
}

// release lets runs out of lanes, and returns their sequence numbers.
func (s *Store) release(ctx context.Context, tx pgx.Tx, shares map[string]int) (map[string][]int64, error) {
	var ids []string
	var most []int64
	for _, id := range slices.Sorted(maps.Keys(shares)) {
		if shares[id] > 0 {
			ids, most = append(ids, id), append(most, int64(shares[id]))
		}
	}
	out := map[string][]int64{}
	if len(ids) == 0 {
		return out, nil
	}
	_, err := rows(ctx, s, tx, "release_runs", func(row pgx.Rows) (struct{}, error) {
		var id string
		var seq int64
		err := row.Scan(&id, &seq)
		out[id] = append(out[id], seq)
		return struct{}{}, err
	}, ids, most)
	return out, err
}

// reopen ends the holds of lanes that last as long as there is a backlog, where that is gone.
func (s *Store) reopen(ctx context.Context, tx pgx.Tx, lanes []*lane) error {
	if len(lanes) == 0 {
		return nil
	}
	var ids []string
	for _, l := range lanes {
		ids = append(ids, l.Automation)
	}
	waiting, err := rows(ctx, s, tx, "lanes_waiting", readOne[string], ids)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if !slices.Contains(waiting, l.Automation) {
			l.Open()
		}
	}
	return nil
}
