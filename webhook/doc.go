// Package webhook sends what automations ask for, and takes what others send to them.
//
// A [Dispatcher] takes events in, plans their runs, keeps them in a store, and delivers them: signed, retried, logged, and
// with each automation in a lane of its own, so that one endpoint's trouble stays its own. [Dispatcher.Run] owns every
// goroutine; without it a Dispatcher still publishes, and another process, or a later one, delivers.
//
// Delivery is at least once. A run whose creation was acknowledged is sent whatever dies meanwhile; in normal running it is
// sent once, and a repeated one carries the same webhook-id.
//
// A dispatcher changes runs ([Dispatcher.Replay], [Dispatcher.Erase]); the store itself lists, counts and reads them: see
// [store.Reader].
//
// [NewReceiver] takes requests for incoming automations, and [NewURLReceiver] calls of URL webhooks. What comes in makes runs
// as events do, and the same dispatcher does them, by the host's [Inviter] and [Respondents]: delayed, retried, replayed and
// logged in the same way. Senders show an API key ([Dispatcher.IssueKey]), the credentials in the path of a URL webhook
// ([Dispatcher.EnableURLWebhooks]), or a signature.
package webhook
