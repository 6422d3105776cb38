package webhook

import (
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite"
)
