package automation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// Secrets are signing secrets. As JSON each is masked; only [Marshal] writes them out, for a store.
type Secrets []signature.Secret

// stored is an automation as a store keeps it: the document that people see, and beside it what they do not.
type stored struct {
	Automation Automation          `json:"automation"`
	Secrets    map[string][]string `json:"secrets,omitempty"`          // by action
	Incoming   []string            `json:"incoming_secrets,omitempty"` // of the trigger
}

// Marshal returns a as a store keeps it, its secrets readable: never show the result to anyone.
func Marshal(a Automation) ([]byte, error) {
	s := stored{Automation: a, Secrets: map[string][]string{}}
	s.Automation.Actions = slices.Clone(a.Actions)
	if a.Trigger.Incoming != nil {
		s.Incoming = a.Trigger.Incoming.Secrets.reveal()
		incoming := *a.Trigger.Incoming
		incoming.Secrets = nil
		s.Automation.Trigger.Incoming = &incoming
	}
	for i, act := range a.Actions {
		if act.Push == nil {
			continue
		}
		if texts := act.Push.Secrets.reveal(); texts != nil {
			s.Secrets[act.ID] = texts
		}
		push := *act.Push
		push.Secrets = nil
		s.Automation.Actions[i].Push = &push
	}
	return json.Marshal(s)
}

func (s Secrets) reveal() []string {
	var texts []string
	for _, secret := range s {
		texts = append(texts, secret.Reveal())
	}
	return texts
}

// Read reads what [Marshal] wrote, or returns an automation that is disabled, [ByUnreadable], where it cannot.
func Read(b []byte) Automation {
	a, err := Unmarshal(b)
	if err != nil {
		return Automation{Disabled: &Disabled{Reason: ByUnreadable}}
	}
	return a
}

// Unmarshal reads what [Marshal] wrote.
func Unmarshal(b []byte) (Automation, error) {
	var s stored
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // a condition's value keeps its digits
	if err := d.Decode(&s); err != nil {
		return Automation{}, fmt.Errorf("read automation: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Automation{}, errors.New("read automation: more follows its end")
	}
	for _, act := range s.Automation.Actions {
		if act.Push == nil {
			continue // of a kind that a later version saved
		}
		secrets, err := parseSecrets(s.Secrets[act.ID])
		if err != nil {
			return Automation{}, fmt.Errorf("read automation %q: action %q: %w", s.Automation.ID, act.ID, err)
		}
		act.Push.Secrets = secrets
	}
	if in := s.Automation.Trigger.Incoming; in != nil {
		secrets, err := parseSecrets(s.Incoming)
		if err != nil {
			return Automation{}, fmt.Errorf("read automation %q: trigger: %w", s.Automation.ID, err)
		}
		in.Secrets = secrets
	}
	return s.Automation, nil
}

func parseSecrets(texts []string) (Secrets, error) {
	var secrets Secrets
	for _, text := range texts {
		secret, err := signature.ParseSecret(text)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}
