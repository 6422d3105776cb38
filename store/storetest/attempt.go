package storetest

import (
	"fmt"
	"time"

	"github.com/tenterhook/tenterhook/runs"
)

func attemptClaims() []claim {
	return []claim{
		{"every field is kept", attemptFields},
		{"they are numbered and in order, through replays too", attemptsInOrder},
		{"it belongs to the caller again", attemptThenChanged},
		{"claims and lists leave them out", attemptsLeftOut},
	}
}

// fullAttempt has something in every field, some of it from a stranger.
func fullAttempt() runs.Attempt {
	return runs.Attempt{
		Replay: 2, At: begin.Add(time.Second + 789*time.Nanosecond), Duration: 1234567 * time.Nanosecond,
		URL: "https://example.com/a?b=%00&c='\"", StatusCode: 503, Class: runs.ClassStatus, Detail: "answered 503 \x00 \u2028 <b>",
		Header:    map[string][]string{"Set-Cookie": {"a=1", "b=2"}, "X-Empty": {""}, "X-Text": {"Ä \\ \" ' \x00"}},
		Body:      []byte("\x00\xff<html>\xc3"),
		Truncated: true,
	}
}

func attemptFields(b *bed) {
	for i, a := range []runs.Attempt{fullAttempt(), {At: begin, Class: runs.ClassTimeout}, {Body: make([]byte, 16<<10), Header: map[string][]string{}}} {
		id := fmt.Sprint("run_", i)
		res := failed(b.begun(id)[0])
		res.Attempt = &a
		b.settle(0, res)
		want := a
		want.N = 1
		b.same("attempts", []runs.Attempt{want}, b.get(id).Attempts)
	}
}

// SPEC R5: a replay keeps the attempts of before.
func attemptsInOrder(b *bed) {
	r := b.begun("run_a")[0]
	var want []runs.Attempt
	for n := 1; n <= 25; n++ {
		a := runs.Attempt{N: 99, At: begin.Add(-time.Duration(n) * time.Hour), StatusCode: 500 + n, Replay: n / 10}
		res := again(r, time.Second)
		res.Attempt = &a
		kept := a
		kept.N = n
		want = append(want, kept)
		if n%10 != 0 {
			b.settle(0, res)
			b.clock.move(time.Second)
		} else {
			res.Status = runs.Failed
			b.settle(0, res)
			b.same("replayed", 1, b.replay(runs.Filter{}, 0, 1).Runs)
		}
		b.settle(0, givenBack(b.gets("next", "run_a")[0], 0)) // not an attempt
		r = b.gets("next", "run_a")[0]
	}
	b.same("attempts", want, b.get("run_a").Attempts)
}

func attemptThenChanged(b *bed) {
	res := failed(b.begun("run_a")[0])
	a := fullAttempt()
	res.Attempt = &a
	b.settle(0, res)
	spoil := func(a runs.Attempt) {
		a.Header["Set-Cookie"][0], a.Header["X-New"] = "changed", []string{"changed"}
		clear(a.Body)
	}
	spoil(a)
	a.StatusCode = 200
	want := fullAttempt()
	want.N = 1
	got := b.get("run_a").Attempts
	b.same("attempts after the caller changed what it settled", []runs.Attempt{want}, got)
	if len(got) == 1 {
		spoil(got[0])
	}
	b.same("attempts after the caller changed what it read", []runs.Attempt{want}, b.get("run_a").Attempts)
}

func attemptsLeftOut(b *bed) {
	b.settle(0, again(b.begun("run_a")[0], 0))
	b.same("attempts in a list", 0, len(b.list(runs.Filter{}, 10)[0].Attempts))
	b.same("attempts in a claim", 0, len(b.gets("retry", "run_a")[0].Attempts))
}
