// Package notify tells people how their automations fare: the notices that the dispatcher makes of outcomes, and the
// interface through which a host sends them on.
package notify
