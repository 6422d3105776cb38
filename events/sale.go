package events

import "encoding/json"

// SaleCompleted is the payload of customer.sale.completed.
type SaleCompleted struct {
	Customer       Customer       `json:"customer"`
	FunnelStep     FunnelStep     `json:"funnel_step"`
	OfferPricePlan OfferPricePlan `json:"offer_price_plan"`
	Order          Order          `json:"order"`
	OrderItem      OrderItem      `json:"order_item"`
	// Coupon is null in every known example, so it is kept as JSON.
	Coupon json.RawMessage `json:"coupon"`
	Object
}

// EventType returns "customer.sale.completed".
func (SaleCompleted) EventType() string { return "customer.sale.completed" }

func (s SaleCompleted) respondent() Respondent { return s.Customer.respondent() }

// SaleCanceled is the payload of customer.sale.canceled: the sale as it was
// completed, and how it ended.
type SaleCanceled struct {
	Customer       Customer       `json:"customer"`
	FunnelStep     FunnelStep     `json:"funnel_step"`
	OfferPricePlan OfferPricePlan `json:"offer_price_plan"`
	Order          Order          `json:"order"`
	OrderItem      OrderItem      `json:"order_item"`
	// Coupon is what it is in [SaleCompleted].
	Coupon         json.RawMessage `json:"coupon"`
	Reason         *string         `json:"reason"`          // "customer_request", "unpaid", "fraud", …
	RefundedAmount *json.Number    `json:"refunded_amount"` // in the currency's smallest unit; nil: none
	Object
}

// EventType returns "customer.sale.canceled".
func (SaleCanceled) EventType() string { return "customer.sale.canceled" }

func (s SaleCanceled) respondent() Respondent { return s.Customer.respondent() }

// Customer is the contact that bought.
type Customer struct {
	ID               json.Number `json:"id"`
	PaymentProcessor string      `json:"payment_processor"` // "paypal", …
	ContactID        json.Number `json:"contact_id"`
	Email            string      `json:"email"`
	Fields           Fields      `json:"fields"`
	ClientIP         *string     `json:"client_ip"`
	Object
}

// OfferPricePlan is the price that was paid.
type OfferPricePlan struct {
	ID                 json.Number `json:"id"`
	Name               string      `json:"name"`
	InnerName          string      `json:"inner_name"`
	Type               string      `json:"type"`                 // "one_shot", …
	DirectChargeAmount json.Number `json:"direct_charge_amount"` // in the currency's smallest unit
	// SubscriptionPlan is null in every known example, so it is kept as JSON.
	SubscriptionPlan json.RawMessage `json:"subscription_plan"`
	Currency         string          `json:"currency"` // ISO 4217, lower case
	Object
}

// Order is what the customer placed.
type Order struct {
	ID        json.Number `json:"id"`
	CreatedAt Time        `json:"created_at"`
	Object
}

// OrderItem is one line of an order.
type OrderItem struct {
	ID        json.Number `json:"id"`
	CreatedAt Time        `json:"created_at"`
	Resources []Resource  `json:"resources"`
	Object
}

// Resource types and the key that each leaves to Data.
const (
	ResourceTag             = "systemeio_tag"
	ResourceCourse          = "membership_course"
	ResourceCourseBundle    = "membership_course_bundle"
	ResourcePhysicalProduct = "physical_product"
)

// Resource is one thing that an order item gives. Data describes it; of the keys
// course, course_bundle, physical_product and tag, the wire has the others as null
// and not the one of the resource's own kind. A Resource built in Go gets its key
// set from its Type, all four keys if the type is none of the constants.
type Resource struct {
	Quantity             *json.Number `json:"quantity"`
	EnrollmentAccessType *string      `json:"enrollment_access_type"` // "full_access", …
	// What is null in every known example is kept as JSON.
	EnrollmentDrippingAccessCourse json.RawMessage `json:"enrollment_dripping_access_course"`
	Type                           string          `json:"type"`
	Course                         json.RawMessage `json:"course"`
	CourseBundle                   json.RawMessage `json:"course_bundle"`
	PhysicalProduct                json.RawMessage `json:"physical_product"`
	Tag                            json.RawMessage `json:"tag"`
	Data                           ResourceData    `json:"data"`
	Object
}

// ResourceData describes a resource; only a course has a description, which may
// be null.
type ResourceData struct {
	ID          json.Number `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Object
}

// Positions among the fields on the wire.
const (
	courseField = iota + 4
	courseBundleField
	physicalProductField
	tagField
)

const descriptionField = 2

func (r *Resource) complete() any {
	if r.decoded {
		return r
	}
	done := *r
	switch r.Type {
	case ResourceTag:
		done.absent |= 1 << tagField
	case ResourceCourse:
		done.absent |= 1 << courseField
	case ResourceCourseBundle:
		done.absent |= 1 << courseBundleField
	case ResourcePhysicalProduct:
		done.absent |= 1 << physicalProductField
	}
	if r.Type != ResourceCourse && !r.Data.decoded {
		done.Data.absent |= 1 << descriptionField
	}
	return &done
}
