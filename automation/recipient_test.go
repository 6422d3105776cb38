package automation_test

import (
	"encoding/xml"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/internal/need"
)

func acceptsRecipient(t *testing.T, address string) bool {
	a := valid(t)
	a.Recipients = []string{address}
	return a.Validate(automation.Known{}) == nil
}

// N1.
func TestRecipientsArePlainAddresses(t *testing.T) {
	for _, address := range []string{
		"a@example.com", "first.last+tag@sub.example.co", "Ops_Team@Example.COM", "o'neill@example.ie", "x@xn--bcher-kva.example", "1@2.example",
		strings.Repeat("a", 64) + "@example.com",
	} {
		if !acceptsRecipient(t, address) {
			t.Errorf("%q is refused", address)
		}
	}
	for _, address := range []string{
		"", "a", "@", "a@", "@example.com", "a@b", "a@b@example.com", "a b@example.com", " a@example.com", "a@example.com ", "a@example.com.",
		".a@example.com", "a.@example.com", "a..b@example.com", "a@.example.com", "a@example..com", "a@-x.example", "a@x-.example", "a@a_b.example",
		"a@127.0.0.1", "a@[127.0.0.1]", `"a"@example.com`, "A <a@example.com>", "a@example.com,b@example.com", "a@example.com\r\nBcc: b@example.com",
		"a\x00@example.com", "ä@example.com", "a@bücher.example", "\u212a@example.com", "a@\u212a.example",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a", 64) + ".example", "a@" + strings.Repeat("a.", 127) + "com",
	} {
		if acceptsRecipient(t, address) {
			t.Errorf("%q is accepted", address)
		}
	}
}

// TestRecipientsAgreeWithIsemail takes every address of the isemail suite: what is accepted is valid there, and what is
// valid there without quotes or brackets, at a host with a dot, is accepted.
func TestRecipientsAgreeWithIsemail(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(need.Suites(t), "isemail", "tests.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests []struct {
			Address  string `xml:"address"`
			Category string `xml:"category"`
		} `xml:"test"`
	}
	if err := xml.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for _, test := range suite.Tests {
		_, domain, _ := strings.Cut(test.Address, "@")
		valid := test.Category == "ISEMAIL_VALID_CATEGORY" || test.Category == "ISEMAIL_DNSWARN"
		common := valid && !strings.ContainsAny(test.Address, `"[`) && strings.Contains(domain, ".")
		got := acceptsRecipient(t, test.Address)
		if got && !valid || !got && common {
			t.Errorf("%q (%s): accepted is %v", test.Address, test.Category, got)
		}
		if got {
			accepted++
		}
	}
	if len(suite.Tests) < 150 || accepted < 5 {
		t.Errorf("%d of %d addresses were accepted; the suite was not read well", accepted, len(suite.Tests))
	}
}

func FuzzRecipientIsOneAddress(f *testing.F) {
	for _, s := range []string{"a@example.com", "a@example.com\r\nBcc: b", `"a"@example.com`, "A <a@b.c>", "a@[::1]", "a(b)@c.d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !acceptsRecipient(t, s) {
			return
		}
		if parsed, err := mail.ParseAddress(s); err != nil || parsed.Address != s || parsed.Name != "" {
			t.Errorf("%q is accepted; net/mail reads %v, %v", s, parsed, err)
		}
		if strings.Trim(s, "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") != "" {
			t.Errorf("%q is accepted; it is not visible ASCII", s)
		}
	})
}
