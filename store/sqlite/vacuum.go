package sqlite

import (
	"context"
	"errors"
)

// Vacuum writes the file anew, so that the bytes of what was erased, pruned or replaced are in it no more, nor in its log
// (SPEC R4), and gives their space back. What the disk or a file system's snapshots keep of them is beyond it.
//
// It takes about as long as copying the file; writes wait meanwhile, and claims, publishing and settling with them, while
// reads go on. It needs free space of twice the file's size, one half of that where SQLite keeps temporary files. Beside
// the tables of a host ([Options.Shared]) it writes those anew too, and may give new rowids to rows that have no INTEGER
// PRIMARY KEY. It fails when another connection has been reading or writing for longer than [Options.LockTimeout]; when
// it fails, or ctx ends, nothing is lost and it can be done again.
func (s *Store) Vacuum(ctx context.Context) error {
	return s.writes.alone(ctx, "vacuum store", func(ctx context.Context) error {
		for _, step := range []func(context.Context) error{s.checkpoint, s.rewrite, s.checkpoint} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) rewrite(ctx context.Context) error {
	_, err := s.writes.conn.ExecContext(ctx, query("vacuum"))
	return err
}

// checkpoint leaves the log empty. SQLite does not fail where a reader still needs the log: it says so in its answer.
func (s *Store) checkpoint(ctx context.Context) error {
	var kept, pages, moved int
	if err := s.writes.conn.QueryRowContext(ctx, query("checkpoint")).Scan(&kept, &pages, &moved); err != nil {
		return err
	}
	if kept != 0 {
		return errLogInUse
	}
	return nil
}

var errLogInUse = errors.New("the file's log is in use by another connection: end what it reads or writes, and do it again")
