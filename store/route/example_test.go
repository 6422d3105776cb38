package route_test

import (
	"context"
	"fmt"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/store/route"
)

// The host keeps in a table which database an account is in; here the large one has a database of its own.
func ExampleNew() {
	small, large := memory.New(), memory.New() // postgres.Open of two databases, in a service
	st, err := route.New([]store.Store{small, large}, func(account string) int {
		if account == "acct_large" {
			return 1
		}
		return 0
	})
	if err != nil {
		panic(err)
	}
	defer st.Close()
	ctx := context.Background()
	for _, account := range []string{"acct_1", "acct_large", "acct_2"} {
		r := runs.Run{ID: "run_of_" + account, Account: account, Automation: "auto_" + account, URL: "https://example.com/hook"}
		if _, err := st.Publish(ctx, []store.Entry{{Planned: automation.Planned{Run: r}}}); err != nil {
			panic(err)
		}
	}
	for _, each := range []store.Store{st, small, large} {
		accounts, err := each.Accounts(ctx, "", 10)
		fmt.Println(accounts, err)
	}
	// Output:
	// [acct_1 acct_2 acct_large] <nil>
	// [acct_1 acct_2] <nil>
	// [acct_large] <nil>
}
