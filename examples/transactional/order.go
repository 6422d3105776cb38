package main

import "github.com/tenterhook/tenterhook/events"

// order is what a customer buys, and the payload of the event about it.
type order struct {
	Number string `json:"number"`
	Pieces int    `json:"pieces"`
}

// EventType returns "shop.order.placed".
func (order) EventType() string { return "shop.order.placed" }

// event returns the event about o. Its id is the order's: published again after an error, it makes no second run.
func (o order) event() events.Event {
	ev := events.New(account, o)
	ev.ID = "order:" + o.Number
	return ev
}

// sample is what the receiver is tested with.
var sample = order{Number: "sample", Pieces: 1}

// catalogue lists the standard event types and the shop's own.
func catalogue() (*events.Catalogue, error) {
	c := events.Standard()
	return c, c.Register(events.Type{Description: "A customer placed an order.", Prototype: sample})
}

// stock is how many pieces there are.
const stock = 31

// orders are more than the stock bears, and small ones fit after larger ones did not.
func orders() []order {
	return []order{
		{"o-1", 4}, {"o-2", 7}, {"o-3", 3}, {"o-4", 6}, {"o-5", 2}, {"o-6", 5},
		{"o-7", 6}, {"o-8", 7}, {"o-9", 5}, {"o-10", 3}, {"o-11", 6}, {"o-12", 1},
	}
}
