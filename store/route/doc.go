// Package route makes one store of several, its shards: each account has all it owns in one of them, which the host chooses.
// It is how a service goes on when one database is no longer enough.
//
// The router keeps nothing that it could lose. What names an account goes to the account's shard and costs what it costs there;
// what concerns all of them asks all shards at once and puts the answers together. A run's sequence number tells its shard.
//
// # What holds for each shard, not over all
//
// A shard is one transaction's reach, and so is what a store promises of order. Publishing events of accounts of several shards at
// once is done shard by shard: after an error some may be there, and publishing again is safe, as ever. So is saving what belongs to
// several accounts at once. A claim takes fair shares
// of the shards, of each the runs that are due longest. Lists over all accounts are newest first by creation time, and
// steps over all accounts ([Store.Replay]) go through one shard after the other.
//
// # When a shard is down
//
// Calls that name an account of it fail. The others' deliveries go on: a shard that did not answer in time is left out of what
// asks all, and asked again in the background until it answers; both are logged. Outcomes of its runs are left to be settled
// later ([store.Settled.Left]). Lists and counts over all accounts fail, as a part would be taken for the whole.
//
// A process that starts while a shard is down serves the accounts of the others. For those of that shard it takes in nothing, events,
// requests and changes alike, until it has read their automations: without them, events would make no runs. To have its store at all
// while its database is down, open it with Options.Lazy of store/postgres.
//
// # What is heard
//
// The router is a [store.Waiter] where a shard is: each tells by itself what other processes did in it, and where leases end with
// their process, they end in each shard by themselves. Each look, for what was heard too, asks all shards.
//
// # Moving accounts
//
// The function that spreads accounts must give each account the same shard, in all processes, for as long as the account has
// runs. To use a further shard, give it new accounts only, by a table of the host's rather than a hash; an account moves when its
// automations were saved anew there and its runs here have ended. How many shards there are is part of sequence numbers and
// cursors: all processes have to agree, and steps under way begin again when it changes.
//
// To publish within a transaction, use the shard's own Within: [Store.Shard] says which.
package route
