// Package tenterhook is documentation: the library is in the packages below it. With them a service gives its customers
// automations, "when this happens, call that URL", and keeps a log of every run, which can be replayed. They work inside
// the service's own process and keep everything in a store of its own.
//
// # The picture
//
// Data flows one way:
//
//	event ──▶ match ──▶ render ──▶ run ──────────▶ attempt ──▶ outcome
//	         └─ automation.Plan ─┘  │     ▲         in its     │ runs.Decide
//	                                │     │          lane      │
//	                        publish │     │ claim              │ settle
//	                                ▼     │                    ▼
//	                             ┌────────────────────────────────┐
//	                             │             store              │
//	                             └────────────────────────────────┘
//
// Two pure functions decide everything. automation.Plan matches an event with an account's automations, renders the
// messages, and returns the runs: one for each action, with the bytes that every attempt sends. runs.Decide looks at a
// run, the attempt just made and the retry policy, and says what follows. A webhook.Dispatcher moves runs along, and a
// store.Store keeps them.
//
// # Due time
//
// A run waits until it has succeeded or failed; all else is when it is due:
//
//	published, or delayed     due is now, plus the delay
//	claimed                   due is the end of the lease; the fence rises, a try is used
//	the worker died           nothing is written: due comes round again, or another process that notices makes it now
//	to be retried             due is now, plus the backoff or what Retry-After asks for
//	replayed by a person      due is now, with a new budget of tries and the same id
//	its lane cannot go on     held: out of the queue until the lane lets it out
//
// A result that carries an older fence than the run's changes nothing, so a worker that was thought dead does no harm.
// There is no scheduler, leader or heartbeat. That a process has died shows where it had a connection to the store that ended with
// it, as in store/postgres: it is noticed by whoever looks for work.
//
// # Lanes
//
// Each automation is a lane: lanes take turns, first attempts come before retries, and none has more attempts under way
// than its share, so that an endpoint's trouble stays its own. A lane that cannot go on is held, which is one row in the
// store whatever waits in it; runs that are due meanwhile wait outside the queue, and any process lets them out:
//
//	disabled   none, until it is enabled
//	failing    one, when the pause is over, as a probe; each pause is longer than the one before
//	slow       some, at a pace that rises with each success: the endpoint came back, or asked for less
//	rate       as many as the automation's limit allows
//	ordered    one, when the one before has ended
//	busy       as many as its share of the workers has room for
//
// What an outcome means for its automation, a pause, its being disabled, a notice to people, is judged by one pure
// function, automation.DisableRule.Judge, inside the transaction that writes the outcome: no process has to know what
// another has seen, and none that dies leaves half of it behind.
//
// # Where to begin
//
//   - [github.com/tenterhook/tenterhook/webhook] has the Dispatcher: it publishes, delivers, saves and tests automations, and replays;
//     and the receivers of what others send: incoming automations and URL webhooks.
//   - [github.com/tenterhook/tenterhook/automation] says what an automation is, and when one cannot be saved.
//   - [github.com/tenterhook/tenterhook/events] has the types of events, and takes a host's own.
//   - [github.com/tenterhook/tenterhook/labels] names a survey's variables in messages.
//   - [github.com/tenterhook/tenterhook/runs] is what the log shows: runs, attempts, statuses, filters.
//   - [github.com/tenterhook/tenterhook/store/sqlite] keeps everything in one file,
//     [github.com/tenterhook/tenterhook/store/postgres] in a database that many processes share,
//     [github.com/tenterhook/tenterhook/store/memory] in the process, for tests;
//     [github.com/tenterhook/tenterhook/store/route] makes one of several, each account in one of them.
//   - [github.com/tenterhook/tenterhook/store] is what all implement, and
//     [github.com/tenterhook/tenterhook/store/storetest] has the claims that any other store has to pass.
//   - [github.com/tenterhook/tenterhook/notify] tells people when an automation fails, is disabled or recovers.
//   - [github.com/tenterhook/tenterhook/notify/email] invites people to surveys by e-mail.
//   - [github.com/tenterhook/tenterhook/webhook/signature] signs and verifies; a receiving service can import it alone.
//
// The example below is a whole host, and examples/quickstart a program that shows one at work:
//
//	go run ./examples/quickstart
//
// # Ranks
//
// Imports point down this table, and a test keeps it so:
//
//	6  examples
//	4  webhook   store/sqlite   store/postgres   notify/email
//	3  store/memory   store/route   store/storetest
//	2  store   notify
//	1  automation
//	0  labels   events   runs   webhook/signature
//
// Ranks 0 and 1 are pure: no I/O, no goroutine, no clock, no randomness.
package tenterhook
