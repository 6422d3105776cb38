package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/store/memory"
)

func ExampleNew() {
	ctx := context.Background()
	st := memory.New()
	defer st.Close()

	plan := automation.Planned{Run: runs.Run{ID: "run_1", Account: "acct_1", Automation: "auto_1", Message: []byte(`{}`)}}
	for range 2 { // again does no harm
		created, err := st.Publish(ctx, []store.Entry{{Planned: plan}})
		fmt.Println(len(created), "created,", err)
	}
	got, err := st.Claim(ctx, store.Lease{Max: 10, For: time.Minute})
	fmt.Println(got.Runs[0].ID, got.Runs[0].Status, err)
	// Output:
	// 1 created, <nil>
	// 0 created, <nil>
	// run_1 running <nil>
}
