package events

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func mustEncode(tb testing.TB, e Event) string {
	tb.Helper()
	text, err := e.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// built is a payload built in Go and its JSON.
type built struct {
	name string
	p    Payload
	want string
}

var builtAt = At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))

const builtAtJSON = `"2026-03-01T09:00:00+00:00"`

func builtOfContacts() []built {
	contact := Contact{ID: "7", Email: "ada@example.com"}
	const contactJSON = `{"id":7,"email":"ada@example.com","fields":[],"ip":null,` +
		`"referred_by_contact_id":null,"referred_by_contact_email":null}`
	return []built{
		{"opt-in on a blog page", OptinCompleted{PageModel: &PageModel{ID: "1", Blog: Blog{ID: "2"}}, Contact: contact},
			`{"page_model":{"id":1,"name":"","blog":{"id":2,"name":""}},"contact":` + contactJSON + `}`},
		{"opt-in on a funnel step", OptinCompleted{FunnelStep: &FunnelStep{ID: "1", Funnel: Funnel{ID: "2"}}, Contact: contact},
			`{"funnel_step":{"id":1,"name":"","type":"","funnel":{"id":2,"name":""}},"contact":` + contactJSON + `}`},
		{"pointer", &TagAdded{Tag: Tag{ID: "9", Name: "x"}, Contact: contact},
			`{"tag":{"id":9,"name":"x"},"contact":` + contactJSON + `}`},
		{"course without description", CourseEnrolled{Course: Course{ID: "3"}, Contact: contact},
			`{"course":{"id":3,"name":"","description":null},"contact":` + contactJSON + `,"access_type":""}`},
		{"new contact", ContactCreated{Contact: contact}, `{"contact":` + contactJSON + `,"source":null}`},
		{"open", EmailOpened{SentEmail: SentEmail{ID: "8"}, Contact: contact},
			`{"sent_email":{"id":8,"subject":""},"contact":` + contactJSON + `}`},
		{"completed course", CourseCompleted{Course: Course{ID: "3"}, Contact: contact},
			`{"course":{"id":3,"name":"","description":null},"contact":` + contactJSON + `,"enrolled_at":null}`},
		{"lesson without module", LessonCompleted{Lesson: Lesson{ID: "2"}, Course: Course{ID: "3"}, Contact: contact, CompletedLessons: "1", TotalLessons: "9"},
			`{"lesson":{"id":2,"name":"","module":null},"course":{"id":3,"name":"","description":null},"contact":` + contactJSON +
				`,"completed_lessons":1,"total_lessons":9}`},
		{"community", CommunityJoined{Community: Community{ID: "2"}, Contact: contact},
			`{"community":{"id":2,"name":"","description":null},"contact":` + contactJSON + `,"role":""}`},
		{"meeting", MeetingBooked{Meeting: Meeting{ID: "2", StartsAt: builtAt, EndsAt: builtAt}, Contact: contact},
			`{"meeting":{"id":2,"name":"","starts_at":` + builtAtJSON + `,"ends_at":` + builtAtJSON + `,"time_zone":"","location":null,` +
				`"host":{"name":"","email":""}},"contact":` + contactJSON + `,"note":null}`},
	}
}

func builtOfCustomers() []built {
	customer := Customer{ID: "4", ContactID: "7", Email: "ada@example.com"}
	const customerJSON = `{"id":4,"payment_processor":"","contact_id":7,"email":"ada@example.com","fields":[],"client_ip":null}`
	plan := OfferPricePlan{ID: "5", DirectChargeAmount: "900"}
	const planJSON = `{"id":5,"name":"","inner_name":"","type":"","direct_charge_amount":900,"subscription_plan":null,"currency":""}`
	order := Order{ID: "6", CreatedAt: builtAt}
	const orderJSON = `{"id":6,"created_at":` + builtAtJSON + `}`
	return []built{
		{"canceled sale", SaleCanceled{Customer: customer, FunnelStep: FunnelStep{ID: "1", Funnel: Funnel{ID: "2"}}, OfferPricePlan: plan,
			Order: order, OrderItem: OrderItem{ID: "3", CreatedAt: builtAt}},
			`{"customer":` + customerJSON + `,"funnel_step":{"id":1,"name":"","type":"","funnel":{"id":2,"name":""}},"offer_price_plan":` +
				planJSON + `,"order":` + orderJSON + `,"order_item":{"id":3,"created_at":` + builtAtJSON + `,"resources":[]},"coupon":null,` +
				`"reason":null,"refunded_amount":null}`},
		{"last payment", SubscriptionPaymentFailed{Subscription: Subscription{ID: "1", StartedAt: builtAt},
			Payment: FailedPayment{ID: "2", Amount: "900", AttemptCount: "4"}, Customer: customer, OfferPricePlan: plan, Order: order},
			`{"subscription":{"id":1,"status":"","started_at":` + builtAtJSON + `},"payment":{"id":2,"amount":900,"currency":"","attempt_count":4,` +
				`"reason":null,"next_attempt_at":null},"customer":` + customerJSON + `,"offer_price_plan":` + planJSON + `,"order":` + orderJSON + `}`},
	}
}

// E1, E5: what a struct built in Go looks like on the wire, valid if only what a
// pointer holds is missing.
func TestPayloadsBuiltInGoHaveTheKeysOfTheWire(t *testing.T) {
	for _, tt := range append(builtOfContacts(), builtOfCustomers()...) {
		t.Run(tt.name, func(t *testing.T) {
			want := `{"type":"` + tt.p.EventType() + `","data":` + tt.want + `,"account":{"id":"acct_1","email":""}}`
			if got := mustEncode(t, New("acct_1", tt.p)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if err := Validate([]byte(want)); err != nil {
				t.Error(err)
			}
			requireSame(t, "read again", []byte(want))
		})
	}
}

// E2
func TestResourcesHaveTheKeySetOfTheirType(t *testing.T) {
	const head = `{"quantity":null,"enrollment_access_type":null,"enrollment_dripping_access_course":null,"type":`
	tests := []struct{ kind, want string }{
		{ResourceTag, `,"course":null,"course_bundle":null,"physical_product":null,"data":{"id":1,"name":"n"}}`},
		{ResourceCourse, `,"course_bundle":null,"physical_product":null,"tag":null,"data":{"id":1,"name":"n","description":null}}`},
		{ResourceCourseBundle, `,"course":null,"physical_product":null,"tag":null,"data":{"id":1,"name":"n"}}`},
		{ResourcePhysicalProduct, `,"course":null,"course_bundle":null,"tag":null,"data":{"id":1,"name":"n"}}`},
		{"else", `,"course":null,"course_bundle":null,"physical_product":null,"tag":null,"data":{"id":1,"name":"n"}}`},
	}
	for _, tt := range tests {
		r := Resource{Type: tt.kind, Data: ResourceData{ID: "1", Name: "n"}}
		got, err := Marshal([]Resource{r})
		if want := "[" + head + `"` + tt.kind + `"` + tt.want + "]"; err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}

// S1, S3
func TestEmptyLabelsOfAnswersBuiltInGoAreFilledIn(t *testing.T) {
	answers := []Answer{{VariableID: "12", Type: "open", Value: json.RawMessage(`[ "b", "a" ]`), Text: new("B, A")}, {VariableID: "13", Label: "own"}}
	e := New("a", SurveyResponseCompleted{Answers: answers, Background: []Answer{{VariableID: "12"}}})
	got, _ := e.Lookup("answers")
	want := `[{"variable_id":"12","label":"q_12","type":"open","value":["b","a"],"text":"B, A"},` +
		`{"variable_id":"13","label":"own","type":"","value":null,"text":null}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, _ := e.Lookup("background"); !strings.Contains(string(got), `"label":"b_12"`) {
		t.Errorf("background is %s", got)
	}
	if answers[0].Label != "" {
		t.Error("encoding changed the host's answers")
	}
	requireSame(t, "empty label read", []byte(`{"type":"survey.response.completed","data":{"answers":[{"variable_id":"1","label":""}]}}`))
}

func TestEncodeEscapesAsLittleAsItCan(t *testing.T) {
	e := New("a", TagAdded{Tag: Tag{Name: "<b>&\u2028\u2029\"\\\n\r\t\b\f\x00\x1f\x7fé\U0001f980\xff"}})
	got, _ := e.Lookup("tag.name")
	if want := "\"<b>&\u2028\u2029\\\"\\\\\\n\\r\\t\\b\\f\\u0000\\u001f\x7fé\U0001f980\ufffd\""; string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestEncodeRefusesWhatIsNotJSON(t *testing.T) {
	tests := []struct {
		name string
		e    Event
		want string
	}{
		{"number", New("a", TagAdded{Contact: Contact{ID: "1, "}}), `/data/contact/id is "1, ", want the text of a JSON number`},
		{"number with space", New("a", TagAdded{Contact: Contact{ID: "1 "}}), `/data/contact/id is "1 ", want`},
		{"raw", New("a", Raw{"x", []byte(`{`)}), "/data is not JSON"},
		{"raw not UTF-8", New("a", Raw{"x", []byte("\"\xff\"")}), "/data is not UTF-8"},
		{"extra", Event{Type: "x", Object: Object{Extra: map[string]json.RawMessage{"k": []byte("1 2")}}}, "/k is not JSON"},
		{"extra named as a field", Event{Object: Object{Extra: map[string]json.RawMessage{"type": []byte("1")}}}, "/type is an extra key"},
		{"field", New("a", TagAdded{Contact: Contact{Fields: Fields{"a/b": func() {}}}}), "/data/contact/fields/a~1b cannot be encoded"},
		{"year", Event{CreatedAt: At(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))}, "/created_at is in the year 10000"},
		{"two types", Event{Type: "contact.tag.removed", Data: TagAdded{}}, `its type is "contact.tag.removed" but`},
		{"coupon", New("a", SaleCompleted{Coupon: []byte("nil")}), "/data/coupon is not JSON"},
		{"element", New("a", SaleCompleted{OrderItem: OrderItem{Resources: []Resource{{}, {Quantity: new(json.Number("x"))}}}}),
			"/data/order_item/resources/1/quantity is"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.e.Encode(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want … %s", err, tt.want)
			}
		})
	}
}

func TestEventsWithoutDataEncodeAsNull(t *testing.T) {
	for _, e := range []Event{{}, New("", nil), New("", (*TagAdded)(nil)), New("", Raw{})} {
		if got, want := mustEncode(t, e), `{"type":"","data":null}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTimesAreWrittenWithANumericOffset(t *testing.T) {
	ams := time.FixedZone("", 2*3600)
	old := time.FixedZone("", 1172) // Amsterdam before 1937, +00:19:32
	tests := []struct {
		at   time.Time
		want string
	}{
		{time.Date(2021, 10, 5, 15, 42, 53, 0, time.UTC), "2021-10-05T15:42:53+00:00"},
		{time.Date(2021, 10, 5, 15, 42, 53, 0, ams), "2021-10-05T15:42:53+02:00"},
		{time.Date(2021, 10, 5, 15, 42, 53, 120_000_000, time.UTC), "2021-10-05T15:42:53.12+00:00"},
		{time.Date(1900, 1, 1, 0, 19, 32, 0, old), "1900-01-01T00:00:00+00:00"},
		{time.Time{}, ""},
	}
	for _, tt := range tests {
		if got := At(tt.at).String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		want := `"` + tt.want + `"`
		if tt.want == "" {
			want = "null"
		}
		if got := mustMarshal(t, At(tt.at)); string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// E2
func TestTimesStayAsTheyWereReadUntilChanged(t *testing.T) {
	for _, text := range []string{
		"2021-10-05T15:42:53+00:00", "2021-10-05T15:42:53Z", "2021-10-05T15:42:53-00:00",
		"2021-10-05T15:42:53.100+02:00", "0001-01-01T00:00:00Z",
	} {
		var got Time
		if err := json.Unmarshal([]byte(`"`+text+`"`), &got); err != nil {
			t.Fatal(err)
		}
		if got.String() != text {
			t.Errorf("read %s, wrote %s", text, got)
		}
		got.Time = got.Add(time.Hour)
		if got.String() == text {
			t.Errorf("%s was written after it changed", text)
		}
	}
	for _, text := range []string{"2021-10-05", "2021-10-05T15:42:53", "2021-10-05 15:42:53Z", "2021-13-05T15:42:53Z", "2021-10-05T1:42:53Z", "2021-10-05T15:42:53,5Z", "2021-10-05T15:42:53+24:00", "2021-10-05T15:42:53+00:60", ""} {
		var got Time
		if err := json.Unmarshal([]byte(`"`+text+`"`), &got); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}
