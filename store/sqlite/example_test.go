package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/sqlite"
)

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tenterhook")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	st, err := sqlite.Open(ctx, filepath.Join(dir, "tenterhook.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	counts, err := st.Count(ctx, runs.Filter{})
	fmt.Println(counts, err)
	// Output: map[] <nil>
}

// The host's order and the run about it live or die together.
func ExampleStore_Within() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tenterhook")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "shop.db")
	st, err := sqlite.Options{Shared: true}.Open(ctx, path)
	if err != nil {
		log.Fatal(err)
	}
	defer st.Close()
	db, err := sql.Open("sqlite", path+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	order := func(id string, end func(*sql.Tx) error) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		// … the host's own statements …
		plan := automation.Planned{Run: runs.Run{ID: "run_" + id, Account: "acct_1", Automation: "auto_1"}}
		if _, err := st.Within(tx).Publish(ctx, []store.Entry{{Planned: plan}}); err != nil {
			return err
		}
		return end(tx)
	}
	fmt.Println(order("1", (*sql.Tx).Rollback), order("2", (*sql.Tx).Commit))
	page, err := st.List(ctx, runs.Filter{Account: "acct_1"}, "", 10)
	fmt.Println(len(page.Runs), page.Runs[0].ID, err)
	// Output:
	// <nil> <nil>
	// 1 run_2 <nil>
}
