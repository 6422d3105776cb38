package runs

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Erasure says which runs of one account are to be removed for good (SPEC R4): one run, those of an automation, those of a
// person, or, when only Account is set, all.
type Erasure struct {
	Account    string // always set
	Run        string
	Automation string
	Email      string // a person's whole address, in any letter case
}

// Validate reports an erasure without an account, with more than one of the other fields, or with a text for Email that
// is no e-mail address.
func (e Erasure) Validate() error {
	set := 0
	for _, text := range []string{e.Run, e.Automation, e.Email} {
		if text != "" {
			set++
		}
	}
	switch {
	case e.Account == "":
		return errors.New("erasure names no account: name the one whose runs are to be erased")
	case set > 1:
		return errors.New("erasure names more than one of a run, an automation and a person: erase one after the other")
	case e.Email != "" && !isAddress(e.Email):
		return fmt.Errorf("erasure of the person %.100q: that is no e-mail address: write it like name@example.com", e.Email)
	}
	return nil
}

// isAddress tells whether text can be looked for as an e-mail address: a name, an @ and a domain, without spaces.
func isAddress(text string) bool {
	at := strings.LastIndexByte(text, '@')
	return at > 0 && at < len(text)-1 && utf8.ValidString(text) && !strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	})
}

// Filter returns the filter of the runs that e may cover: all of them, unless it is of a person.
func (e Erasure) Filter() Filter {
	f := Filter{Account: e.Account, Automation: e.Automation}
	if e.Run != "" {
		f.IDs = []string{e.Run}
	}
	return f
}

// Covers tells whether e removes r, as far as r is filled in. A person's runs are those that mention the address anywhere:
// in the respondent, the event, the message, the URL, the warnings, or an attempt and its answer.
//
// Letter case does not matter, nor whether a character is escaped as in JSON, a URL or HTML (\u0040, %40, &#64;), also one in
// the other up to eight deep; the address has to be whole: ann@example.com is not in joann@example.com. What is encoded
// in other ways, such as base64 or gzip, is not looked into.
func (e Erasure) Covers(r Run) bool {
	switch {
	case r.Account != e.Account, e.Run != "" && r.ID != e.Run, e.Automation != "" && r.Automation != e.Automation:
		return false
	case e.Email == "":
		return true
	}
	m := newMention(e.Email)
	who := r.Respondent
	if m.inAny(who.Email, who.ID, who.FirstName, who.LastName, r.Event, r.URL, string(r.Message)) || m.inAny(r.Warnings...) {
		return true
	}
	for _, a := range r.Attempts {
		if m.inAny(a.URL, a.Detail, string(a.Body)) {
			return true
		}
		for name, values := range a.Header {
			if m.inAny(name) || m.inAny(values...) {
				return true
			}
		}
	}
	return false
}
