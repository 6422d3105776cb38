package automation

import (
	"fmt"
	"strings"
)

func validateRecipients(vs *violations, recipients []string) {
	if len(recipients) > MaxRecipients {
		vs.add("/recipients", ErrRecipient, "there are %d: use at most %d", len(recipients), MaxRecipients)
	}
	for i, r := range recipients {
		if !isMailbox(r) {
			vs.add(fmt.Sprintf("/recipients/%d", i), ErrRecipient, "%q is not an e-mail address: write it as name@example.com", r)
		}
	}
}

const maxMailbox = 254 // bytes (RFC 5321 section 4.5.3.1.3: a path of 256 with its brackets)

// isMailbox accepts the unquoted ASCII form of an address (RFC 5321 section 4.1.2, Dot-string "@" Domain) at a host that has
// a name: all that people use, and nothing that a mail header or command could read as more than an address.
func isMailbox(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(local) > 64 || len(s) > maxMailbox || !strings.Contains(domain, ".") {
		return false
	}
	for part := range strings.SplitSeq(local, ".") {
		if part == "" || strings.Trim(part, letters+digits+"!#$%&'*+-/=?^_`{|}~") != "" {
			return false
		}
	}
	var last string
	for last = range strings.SplitSeq(domain, ".") {
		if last == "" || len(last) > 63 || strings.Trim(last, letters+digits+"-") != "" || last[0] == '-' || last[len(last)-1] == '-' {
			return false
		}
	}
	return strings.Trim(last, digits) != "" // else it is an IP address
}
