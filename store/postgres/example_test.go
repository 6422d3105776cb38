package postgres_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/postgres"
)

func ExampleOpen() {
	ctx := context.Background()
	st, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	fmt.Println(st.Count(ctx, runs.Filter{}))
}

// The host's order and the run about it live or die together.
func ExampleStore_Within() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	st, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()

	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// … the host's own statements …
		plan := automation.Planned{Run: runs.Run{ID: "run_1", Account: "acct_1", Automation: "auto_1"}}
		_, err := st.Within(tx).Publish(ctx, []store.Entry{{Planned: plan}})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
