package signature_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

// holder is how a host may keep secrets: in exported and unexported fields, slices, maps and pointers.
type holder struct {
	Name     string
	Secret   signature.Secret
	Secrets  []signature.Secret
	Pointer  *signature.Secret
	hidden   signature.Secret
	hiddens  []signature.Secret
	signer   signature.Signer
	verifier signature.Verifier
	seal     signature.Seal
}

// spellings are the forms in which fmt and the encoders would show the first bytes of a key.
func spellings(text string, raw []byte) []string {
	raw = raw[:8]
	list := fmt.Sprintf("%d", raw)
	return []string{
		text[len("whsec_"):][:8],
		string(raw),
		fmt.Sprintf("%x", raw),
		fmt.Sprintf("%X", raw),
		fmt.Sprintf("% x", raw),
		strings.Trim(list, "[]"),
		strings.ReplaceAll(strings.Trim(list, "[]"), " ", ","),
		strings.Trim(fmt.Sprintf("%#v", raw), "[]byte{}"),
		strings.Trim(fmt.Sprintf("%o", raw), "[]"),
		strings.Trim(fmt.Sprintf("%b", raw), "[]"),
		strings.Trim(fmt.Sprintf("%U", raw), "[]"),
	}
}

// STYLE "Seeing"; ATTACKS 44.
func TestSecretIsNeverPrinted(t *testing.T) {
	key := []byte("canary-canary-canary-canary-1234")
	text := "whsec_" + b64(key)
	s, own := secret(t, text), ownText(t, string(key))
	h := holder{
		Name: "printed", Secret: s, Secrets: []signature.Secret{s}, Pointer: &s, hidden: s, hiddens: []signature.Secret{s},
		signer: signer(t, text), verifier: verifier(t, s), seal: seal(t, kinds(signature.GitHub), s, own),
	}
	var seen bytes.Buffer
	for _, value := range []any{
		s, &s, own, &own, h, &h, h.Secrets, map[string]signature.Secret{"k": s}, map[string]holder{"k": h}, h.signer, &h.verifier,
	} {
		for verb := range strings.FieldsSeq("v +v #v 10v s q x X #x d o b c U t e g p w z") {
			_, _ = fmt.Fprintf(&seen, "%"+verb+"\n", value)
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(encoded)
		for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&seen, nil)), slog.New(slog.NewJSONHandler(&seen, nil))} {
			log.Info("secret kept", "value", value, slog.Group("group", "value", value))
		}
	}
	encoded, err := xml.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(encoded)
	if !strings.Contains(seen.String(), "printed") || !strings.Contains(seen.String(), "***") {
		t.Fatal("nothing was printed")
	}
	for _, spelling := range spellings(text, key) {
		if strings.Contains(seen.String(), spelling) {
			t.Errorf("the key was printed as %q", spelling)
		}
	}
}

func TestSecretPrintsAsStars(t *testing.T) {
	for _, s := range []signature.Secret{{}, secret(t, oldText), secret(t, privateText), public(t, privateText), ownText(t, "correct horse")} {
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{
			s.String(), s.GoString(), s.LogValue().String(), strings.Trim(string(encoded), `"`),
			fmt.Sprint(s), fmt.Sprintf("%#v", s), fmt.Sprintf("%x", s), fmt.Sprintf("%-10d", s),
		} {
			if got != "***" {
				t.Errorf("printed %q, want ***", got)
			}
		}
	}
}

// What is stored masked must not come back as a secret that looks usable.
func TestMaskedSecretIsNotRead(t *testing.T) {
	var h holder
	if err := json.Unmarshal([]byte(`{"Secret":"***"}`), &h); err == nil || !h.Secret.IsZero() {
		t.Errorf("unmarshalling a masked secret = %v, zero: %v", err, h.Secret.IsZero())
	}
}
