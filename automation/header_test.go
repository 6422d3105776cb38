package automation_test

import (
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
)

func withHeaders(t *testing.T, headers map[string]string) automation.Automation {
	a := valid(t)
	a.Actions[0].Push.Headers = headers
	return a
}

const headersField = "/actions/0/push/headers"

func TestExtraHeadersAreAccepted(t *testing.T) {
	for name, value := range map[string]string{
		"Authorization": "Bearer a.b-c", "X-Api-Key": "k", "X-Tab": "a\tb", "X-Empty": "", "X_y~z!#$%&'*+-.^`|": "1", "x-trailers": "te",
		"X": strings.Repeat("a", automation.MaxHeaderBytes-1),
	} {
		if err := withHeaders(t, map[string]string{name: value}).Validate(automation.Known{}); err != nil {
			t.Errorf("%s: %.20q: %v", name, value, err)
		}
	}
}

// O2, ATTACKS 15: names of the library's own, of the connection, and of sessions.
func TestReservedHeadersAreRefused(t *testing.T) {
	for _, name := range []string{
		"Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect",
		"Proxy-Authorization", "Proxy-Connection", "Proxy-X", "Cookie", "User-Agent", "Accept-Encoding",
		"webhook-id", "Webhook-Signature", "WEBHOOK-TIMESTAMP", "webhook-x", "Idempotency-Key", "X-Idempotency-Key", "hOST",
	} {
		mustRefuse(t, withHeaders(t, map[string]string{name: "x"}), refusal(automation.ErrHeader, "%s/%s", headersField, name))
	}
}

func TestHeadersThatNoRequestCanCarryAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, value, field string }{
		{"", "x", "/"},
		{"a b", "x", "/a b"},
		{"a:", "x", "/a:"},
		{"a/~b", "x", "/a~1~0b"}, // RFC 6901
		{"a\r\nb", "x", "/a\r\nb"},
		{"ä", "x", "/ä"},
		{"\u212aey", "x", "/\u212aey"}, // the Kelvin sign, whose lower case is k
		{"X", "a\r\nHost: b", "/X"},
		{"X", "a\nb", "/X"},
		{"X", "a\x00b", "/X"},
		{"X", "a\x7f", "/X"},
		{"X", "ä", "/X"},
		{"X", "\xff", "/X"},
		{"X", " a", "/X"},
		{"X", "a\t", "/X"},
	} {
		mustRefuse(t, withHeaders(t, map[string]string{tt.name: tt.value}), headersField+tt.field+" header")
	}
}

func TestOneHeaderUnderTwoNamesIsRefused(t *testing.T) {
	mustRefuse(t, withHeaders(t, map[string]string{"X-Key": "a", "x-key": "b"}), headersField+"/x-key header")
}

func TestHeadersAreBoundTogether(t *testing.T) {
	half := strings.Repeat("a", automation.MaxHeaderBytes/2)
	mustRefuse(t, withHeaders(t, map[string]string{"X": half, "Y": half}), headersField+" header")
}
