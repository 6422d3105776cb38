package events

import "encoding/json"

// Subscription is what a customer pays for again and again.
type Subscription struct {
	ID        json.Number `json:"id"`
	Status    string      `json:"status"` // "trialing", "active", "past_due", "canceled", …
	StartedAt Time        `json:"started_at"`
	Object
}

// FailedPayment is a payment that was not made.
type FailedPayment struct {
	ID            json.Number `json:"id"`
	Amount        json.Number `json:"amount"`          // in the currency's smallest unit
	Currency      string      `json:"currency"`        // ISO 4217, lower case
	AttemptCount  json.Number `json:"attempt_count"`   // how often it was tried, this time included
	Reason        *string     `json:"reason"`          // "card_expired", "insufficient_funds", …
	NextAttemptAt *Time       `json:"next_attempt_at"` // nil: it is not tried again
	Object
}

// SubscriptionPaymentFailed is the payload of subscription.payment.failed.
type SubscriptionPaymentFailed struct {
	Subscription   Subscription   `json:"subscription"`
	Payment        FailedPayment  `json:"payment"`
	Customer       Customer       `json:"customer"`
	OfferPricePlan OfferPricePlan `json:"offer_price_plan"`
	Order          Order          `json:"order"` // the one that began the subscription
	Object
}

// EventType returns "subscription.payment.failed".
func (SubscriptionPaymentFailed) EventType() string { return "subscription.payment.failed" }

func (s SubscriptionPaymentFailed) respondent() Respondent { return s.Customer.respondent() }
