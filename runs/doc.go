// Package runs holds what happens to one execution of an automation's action: the run, its attempts, and the pure rule
// that decides what comes next.
//
// A run waits until it ends as [Succeeded] or [Failed]; all else is when its next attempt is due. [Decide] turns a run,
// the attempt just made and the [Policy] of its action into a [Result], which a store applies.
package runs
