package email

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/tenterhook/tenterhook/automation"
)

// Message is a mail to one person. Its texts may hold anything: in Subject and Name, line breaks become spaces, and
// characters that control or reorder text are left out.
type Message struct {
	ID      string // of what the mail is for: the same one makes the same Message-ID
	To      string // e-mail address
	Name    string // of the person; default: none is written
	Subject string
	Text    string
	HTML    string // default: the mail is plain text
	// Unsubscribe is an https address at which a POST unsubscribes the person (RFC 8058), in ASCII, as URLs are; default: none is
	// offered.
	Unsubscribe string
}

// compose returns the mail as it is sent.
func (s *Sender) compose(m Message) (*mail.Msg, error) {
	if err := checkAddress(m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w: %w", err, automation.ErrRefused)
	}
	msg := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	if s.reply != nil {
		msg.ReplyToMailAddress(s.reply)
	}
	msg.ToMailAddress(&netmail.Address{Name: person(m.Name), Address: m.To})
	msg.SetMessageIDWithValue(messageID(m.ID, s.from.Address))
	msg.Subject(line(m.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	if m.Unsubscribe != "" {
		if err := offerUnsubscribing(msg, m.Unsubscribe); err != nil {
			return nil, fmt.Errorf("address to unsubscribe at: %w", err)
		}
	}
	msg.SetBodyString(mail.TypeTextPlain, clean(m.Text))
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, clean(m.HTML))
	}
	return msg, nil
}

const longestAddress = 950 // bytes of one to unsubscribe at: it stands on one line, of at most 998 (RFC 5322 section 2.1.1)

// offerUnsubscribing writes an address to unsubscribe at. What it says of one that cannot be written does not repeat it: whoever
// has it can unsubscribe the person.
func offerUnsubscribing(msg *mail.Msg, address string) error {
	switch {
	case len(address) > longestAddress:
		return fmt.Errorf("it has %d bytes: use at most %d", len(address), longestAddress)
	case strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune("<>,\"\\^`{|}", c) }):
		return errors.New("it has characters that have to be escaped: percent-encode them")
	}
	if msg.SetListUnsubscribeOneClick(address) != nil {
		return errors.New("it does not begin with https:// and a host: write the whole address")
	}
	return nil
}

// messageID returns the Message-ID of an id (RFC 5322 section 3.6.4): the id itself at the sender's domain, where it can stand
// there.
func messageID(id, from string) string {
	if id == "" || len(id) > 40 || strings.ContainsFunc(id, func(c rune) bool {
		return c > 0x7f || !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '-'
	}) {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:16])
	}
	return id + from[strings.LastIndexByte(from, '@'):]
}

const longestLine = 200 // characters of a subject or name: with all of them encoded, far below what a header may have

// line returns text as it can stand in a header: one line, in the order in which it is read, that is no encoded word (RFC 2047)
// before it is encoded.
func line(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c), unicode.IsControl(c), c == '\u2028', c == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "\ufffd"))
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "=?", "= ?")), " ")
	if all := []rune(text); len(all) > longestLine {
		text = string(all[:longestLine-1]) + "…"
	}
	return text
}

// person returns a name as it can stand before an address: without the backslash, which may be in no encoded word of a name
// (RFC 2047 section 5 rule 3), and is left there by net/mail.
func person(name string) string { return strings.ReplaceAll(line(name), `\`, "/") }

// clean returns text as a body can hold it: no NUL, and UTF-8.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}
