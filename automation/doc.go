// Package automation says what an account wants done when something happens: trigger, conditions and actions, how they
// are checked when saved, and the pure function [Plan] that turns an event into runs.
package automation
