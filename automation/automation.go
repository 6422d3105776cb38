package automation

import (
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// Automation is what one account wants done when something happens: a trigger and one or more actions. With one action
// it is a rule, with several a workflow. The zero values of its settings are the documented defaults.
//
// Its JSON is for people to read: durations are in nanoseconds, secrets are masked and cannot be read back, and the version
// is left out.
type Automation struct {
	ID      string   `json:"id"`      // drawn when first saved
	Account string   `json:"account"` // the host's tenant; never changes
	Name    string   `json:"name"`
	Trigger Trigger  `json:"trigger"`
	Actions []Action `json:"actions"`

	// Disabled tells why and since when it creates no runs; nil: it is enabled. To disable it, set an empty Disabled: saving
	// fills it in.
	Disabled *Disabled `json:"disabled,omitempty"`
	// RecordDisabled keeps what happens while it is disabled as held runs, sent when it is enabled; default: false.
	RecordDisabled bool `json:"record_disabled,omitempty"`
	// Limits bound how fast and in what order its runs are sent; default: what the endpoint bears.
	Limits Limits `json:"limits,omitzero"`
	// DisableRule says when failures disable it; default: every attempt failed for 5 days.
	DisableRule DisableRule `json:"disable_rule,omitzero"`
	// Recipients are the e-mail addresses of whom the host's notifier is to tell about its first failure, its being disabled
	// and its recovery; the library itself sends no such mail; default: none.
	Recipients []string `json:"recipients,omitempty"`

	Version   int64     `json:"-"` // of the saved state, 0 before there is one; saving an older one is a conflict
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	Deleted   bool      `json:"-"` // only in a list of changes: it is gone
}

// Disabled is why and since when an automation is disabled.
type Disabled struct {
	Reason Reason    `json:"reason"`
	At     time.Time `json:"at,omitzero"`
}

// Reason names what disabled an automation.
type Reason string

// The reasons for which an automation is disabled.
const (
	ByUser     Reason = "user"         // a person did
	ByGone     Reason = "gone"         // the endpoint answered 410
	ByDuration Reason = "failing_long" // every attempt failed for the time of its rule
	ByCount    Reason = "failing_runs" // as many runs in a row failed for good as its rule allows
	// ByUnreadable stands for what a store holds of it: this version of the library cannot read that.
	ByUnreadable Reason = "unreadable"
)

// Enabled tells whether events make runs of a.
func (a Automation) Enabled() bool { return a.Disabled == nil && !a.Deleted }

// Action returns the action with this id, or whose reminder has it, and whether there is one.
func (a Automation) Action(id string) (Action, bool) {
	id, reminds := strings.CutSuffix(id, ReminderSuffix)
	for _, act := range a.Actions {
		if act.ID == id && (!reminds || act.Invite != nil && act.Invite.Reminder != nil) {
			return act, true
		}
	}
	return Action{}, false
}

// Action is one step of an automation, done Delay after the trigger.
type Action struct {
	ID    string        `json:"id"`              // unique in the automation; default when saved: "1", "2", …
	Delay time.Duration `json:"delay,omitempty"` // default: 0
	// One of these: what it does.
	Push   *Push   `json:"push,omitempty"`
	Invite *Invite `json:"invite,omitempty"` // of an incoming automation
}

// Push sends a message to a URL.
type Push struct {
	// URL may hold macros in its path and query, with values of the event, percent-encoded, in their place: [ID_RESPONDENT],
	// [ID_SURVEY], [EMAIL], [FIRST_NAME], [LAST_NAME], [L1] to [L10] for the background variables of that id or label, or
	// else the label, automatic or data, of a variable. What the event does not tell is empty. With macros it is fixed when a
	// run is created, as the message is; without, each attempt goes to the URL as it is then.
	URL string `json:"url"`
	// AllowHTTP permits a URL without TLS; default: false, only https.
	AllowHTTP bool `json:"allow_http,omitempty"`
	// Body says what the message holds; default: the whole event.
	Body Body `json:"body,omitzero"`
	// Headers are sent beside the library's own, which they cannot replace; default: none.
	Headers map[string]string `json:"headers,omitempty"`
	// Secrets sign the message, each with a signature of its own while they rotate; default when saved: a new one.
	Secrets Secrets `json:"secrets,omitempty"`
	// Schemes are those that the message is signed under, up to [signature.MaxSchemes]; name [signature.Standard] to send others
	// beside it, or leave it out to send them in its place. Webhook-id is always sent; default: Standard Webhooks alone.
	Schemes []signature.Scheme `json:"schemes,omitempty"`
	// Timeout bounds an attempt, connection and answer included; at most 30 s; default: 10 s.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Retry says how often and when a failed attempt is repeated; default: ten attempts in about 75 hours.
	Retry runs.Policy `json:"retry,omitzero"`
}

// Body says what a message holds.
type Body struct {
	// Form is the whole event, chosen variables of it, or ids only; default: Whole.
	Form Form `json:"form,omitempty"`
	// Variables lists the ids to send, in order, with form Selected; default: all, later ones included.
	Variables []string `json:"variables,omitempty"`
	// Labels names the variables with form Selected; default: Automatic.
	Labels Labelling `json:"labels,omitempty"`
}

// Form is the shape of a message.
type Form string

// The forms of a message. All keep the envelope: type, data, account, created_at.
const (
	Whole    Form = ""          // data as it happened
	Selected Form = "variables" // data is {label: value, …}
	// Thin is for a receiver that asks the host for the rest: data is {"event_id": "evt_1", "contact": {"id": 905511}, …},
	// the id of what happened, that of each object in data, and data's own if it has one; the account is its id.
	Thin Form = "thin"
)

// Labelling says which labels a message with selected variables uses.
type Labelling string

// The two kinds of labels.
const (
	Automatic Labelling = ""     // made by the library
	Data      Labelling = "data" // the user's own, else the automatic one
)
