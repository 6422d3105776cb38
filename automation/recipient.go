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

// isMailbox accepts the unquoted ASCII form of an address (RFC 5321 section 4.1.2, Dot-string "@" Domain): all that people
// use, and nothing that a mail header or command could read as more than an address.
func isMailbox(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(local) > 64 || len(s) > 254 || !strings.Contains(domain, ".") {
		return false
	}
	for _, part := range strings.Split(local, ".") {
		if part == "" || strings.Trim(strings.ToLower(part), "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~") != "" {
			return false
		}
	}
	for _, part := range strings.Split(strings.ToLower(domain), ".") {
		if part == "" || len(part) > 63 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
			part[0] == '-' || part[len(part)-1] == '-' {
			return false
		}
	}
	return true
}
