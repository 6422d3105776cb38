package automation

import (
	"fmt"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// Incoming has an automation triggered by requests of others instead of events: what data it takes, and whom it believes
// besides those who have one of its API keys (SPEC I1, I2).
type Incoming struct {
	// Fields are the data fields that it takes; what else a request holds is ignored.
	Fields []Field `json:"fields,omitempty"`
	// Schemes and Secrets let a sender sign requests instead of showing a key; default: no Secrets, keys only, and with Secrets
	// Standard Webhooks alone.
	Schemes []signature.Scheme `json:"schemes,omitempty"`
	Secrets Secrets            `json:"secrets,omitempty"`
	// QueryKey also takes the API key from the query, as "api_key", for senders that can do no better; default: false.
	QueryKey bool `json:"query_key,omitempty"`
	// URLWebhooks takes calls by name (SPEC I8) instead of fields. Such an automation has no fields and no actions: each
	// call is an action of its own. An account has one at most, under an id that follows from the account; default: false.
	URLWebhooks bool `json:"url_webhooks,omitempty"`
	// Anonymous is for an anonymous survey: runs are shown as Anonymous, and name and address stand only in the message, for the
	// inviter (SPEC S8); default: false.
	Anonymous bool `json:"anonymous,omitempty"`
}

func (in Incoming) validate(vs *violations, a Automation, known lexicon) {
	in.validateSchemes(vs)
	if len(a.Trigger.Types) > 0 {
		vs.add("/trigger/types", ErrTrigger, "requests trigger it, so no event does: remove the types, or what is incoming")
	}
	if in.URLWebhooks {
		in.validateCalls(vs, a)
		return
	}
	if a.Trigger.Survey == "" {
		vs.add("/trigger/survey", ErrTrigger, "it is empty: name the survey that people are invited to")
	}
	in.validateFields(vs, known)
	if a.Trigger.Filter != nil {
		a.Trigger.Filter.validateFields(vs, in, "/trigger/filter")
	}
}

// validateCalls refuses what has no meaning where each call says what is to be done.
func (in Incoming) validateCalls(vs *violations, a Automation) {
	for _, setting := range []struct {
		field string
		set   bool
	}{
		{"/trigger/survey", a.Trigger.Survey != ""},
		{"/trigger/filter", a.Trigger.Filter != nil},
		{"/trigger/incoming/fields", len(in.Fields) > 0},
		{"/trigger/incoming/schemes", len(in.Schemes) > 0},
		{"/trigger/incoming/secrets", len(in.Secrets) > 0},
		{"/trigger/incoming/query_key", in.QueryKey},
	} {
		if setting.set {
			vs.add(setting.field, ErrTrigger, "it has no meaning for URL webhooks, whose calls say all in their address: remove it")
		}
	}
}

func (in Incoming) validateSchemes(vs *violations) {
	const at = "/trigger/incoming"
	if len(in.Schemes) > signature.MaxSchemes {
		vs.add(at+"/schemes", ErrScheme, "there are %d: use at most %d", len(in.Schemes), signature.MaxSchemes)
		return
	}
	if len(in.Secrets) > MaxSecrets {
		vs.add(at+"/secrets", ErrSecret, "there are %d: use at most %d", len(in.Secrets), MaxSecrets)
		return
	}
	valid := true
	for i, s := range in.Schemes {
		if err := s.Validate(); err != nil {
			vs.add(fmt.Sprintf("%s/schemes/%d", at, i), ErrScheme, "%v", err)
			valid = false
		}
	}
	for i, secret := range in.Secrets {
		if err := signature.CheckVerifying(secret, in.Schemes...); valid && err != nil {
			vs.add(fmt.Sprintf("%s/secrets/%d", at, i), ErrSecret, "%v", err)
			valid = false
		}
	}
	switch {
	case !valid:
	case len(in.Schemes) > 0 && len(in.Secrets) == 0:
		vs.add(at+"/secrets", ErrSecret, "there is none to verify with: give the sender's, or remove the schemes")
	case len(in.Secrets) > 0:
		if _, err := signature.NewSchemeVerifier(in.Schemes, in.Secrets...); err != nil {
			vs.add(at+"/schemes", ErrScheme, "%v", err)
		}
	}
}
