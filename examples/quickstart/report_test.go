package main

import (
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/runs"
)

func TestCheckMissesNothing(t *testing.T) {
	list := []runs.Run{{ID: "run_a", Status: runs.Succeeded}, {ID: "run_b", Status: runs.Succeeded}}
	tests := tally{messages: map[string]message{"test_1": {accepted: 1}}}
	good := func() tally {
		return tally{messages: map[string]message{"test_1": {accepted: 1}, "run_a": {accepted: 1}, "run_b": {accepted: 2}}}
	}
	cases := []struct {
		name  string
		spoil func(list []runs.Run, got *tally)
		want  string
	}{
		{"all is well", func([]runs.Run, *tally) {}, ""},
		{"a run failed", func(list []runs.Run, _ *tally) {
			list[1].Status, list[1].Attempts = runs.Failed, []runs.Attempt{{Detail: "no answer in time"}}
		}, "run run_b did not succeed (failed): no answer in time"},
		{"a run was never sent", func(list []runs.Run, _ *tally) { list[0].Status = runs.Scheduled }, "run run_a did not succeed (scheduled): it was never sent"},
		{"a run never arrived", func(_ []runs.Run, got *tally) {
			delete(got.messages, "run_a")
		}, "run run_a succeeded, but the receiver did not accept it\nwebhook-ids that the receiver got: 1, runs: 2"},
		{"another id arrived", func(_ []runs.Run, got *tally) {
			got.messages["run_c"] = message{accepted: 1}
		}, "webhook-ids that the receiver got: 3, runs: 2"},
		{"a request was not verified", func(_ []runs.Run, got *tally) { got.refused = 1 }, "could not verify: 1"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			spoilt, got := append([]runs.Run(nil), list...), good()
			tt.spoil(spoilt, &got)
			err := check(spoilt, tests, got)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("check = %v, want %q", err, tt.want)
			}
			if (exitStatus(err) == 0) != (tt.want == "") {
				t.Errorf("exit status = %d", exitStatus(err))
			}
		})
	}
}
