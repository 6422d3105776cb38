package webhook

import (
	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// entrance is an incoming automation as it is needed for each request.
type entrance struct {
	automation automation.Automation
	taker      *automation.Taker
	verifier   signature.SchemeVerifier
	signed     bool // it believes signatures, by verifier
}

func newEntrance(a automation.Automation) *entrance {
	e := &entrance{automation: a, taker: automation.NewTaker(a)}
	in := a.Trigger.Incoming
	if len(in.Secrets) == 0 {
		return e
	}
	v, err := signature.NewSchemeVerifier(in.Schemes, in.Secrets...)
	e.verifier, e.signed = v, err == nil // else nobody is believed
	return e
}

// entrance returns the incoming automation that takes requests under an id; else one of nobody's, which has no keys.
func (s *snapshot) entrance(id string) (*entrance, error) {
	if e, ok := s.entrances[id]; ok {
		return e, nil
	}
	return &entrance{}, s.complete()
}
