package automation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// ErrScheme is the rule of a violation by an action's signature schemes.
var ErrScheme = errors.New("signature scheme")

func (p Push) validateSchemes(vs *violations, at string) {
	if len(p.Schemes) > signature.MaxSchemes {
		vs.add(at, ErrScheme, "there are %d: use at most %d", len(p.Schemes), signature.MaxSchemes)
		return
	}
	taken := map[string]string{} // what sends a header, by its name in lower case
	for name := range p.Headers {
		taken[strings.ToLower(name)] = "an extra header"
	}
	for i, scheme := range p.Schemes {
		if err := p.checkScheme(scheme, taken); err != nil {
			vs.add(fmt.Sprintf("%s/%d", at, i), ErrScheme, "%v", err)
			continue
		}
		for _, name := range scheme.Headers() {
			taken[strings.ToLower(name)] = fmt.Sprintf("scheme %d", i+1)
		}
	}
}

// checkScheme reports why a scheme cannot be used with the action's secrets, or beside what sends the headers taken.
func (p Push) checkScheme(s signature.Scheme, taken map[string]string) error {
	if err := s.Validate(); err != nil {
		return err
	}
	for _, name := range s.Headers() {
		switch lower := strings.ToLower(name); {
		case s.Kind != signature.Standard && reserved(lower):
			return fmt.Errorf("header %s belongs to the library or the connection: choose another name", name)
		case taken[lower] != "":
			return fmt.Errorf("header %s is sent by %s already: choose another name, or keep one of them", name, taken[lower])
		}
	}
	takes := func(secret signature.Secret) bool { return s.Takes(secret) == nil }
	if len(p.Secrets) > 0 && !slices.ContainsFunc(p.Secrets, takes) {
		return fmt.Errorf("no secret of the action is one that it signs with: %w", s.Takes(p.Secrets[0]))
	}
	return nil
}
