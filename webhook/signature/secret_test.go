package signature_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

func counting(n int) []byte {
	key := make([]byte, n)
	for i := range key {
		key[i] = byte(i + 1)
	}
	return key
}

func b64(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

// ATTACKS 35 and 38, O7.
func TestUnusableSecretsAreRefused(t *testing.T) {
	private := ed25519.NewKeyFromSeed(counting(32))
	foreign := slices.Concat(private[:32], ed25519.NewKeyFromSeed(counting(33)[1:])[32:])
	for name, text := range map[string]string{
		"nothing":                 "",
		"prefix only":             "whsec_",
		"prefix without a line":   "whsec",
		"no prefix":               b64(counting(32)),
		"unknown prefix":          "whxyz_" + b64(counting(32)),
		"prefix in capitals":      "WHSEC_" + b64(counting(32)),
		"1 byte":                  "whsec_" + b64(counting(1)),
		"23 bytes":                "whsec_" + b64(counting(23)),
		"65 bytes":                "whsec_" + b64(counting(65)),
		"not base64":              "whsec_" + strings.Repeat("!", 44),
		"URL base64":              "whsec_" + strings.Repeat("_-", 16),
		"no padding":              "whsec_" + strings.TrimRight(b64(counting(32)), "="),
		"too much padding":        "whsec_" + b64(counting(32)) + "=",
		"bits after the end":      "whsec_" + strings.TrimSuffix(b64(counting(32)), "A=") + "B=",
		"line break after":        oldText + "\n",
		"line breaks inside":      oldText[:10] + "\n\n\n\n" + oldText[10:],
		"carriage returns inside": oldText[:10] + "\r\n\r\n" + oldText[10:],
		"space before":            " " + oldText,
		"space after":             oldText + " ",
		"seed of 31 bytes":        "whsk_" + b64(counting(31)),
		"private of 63 bytes":     "whsk_" + b64(private[:63]),
		"foreign public half":     "whsk_" + b64(foreign),
		"public of 31 bytes":      "whpk_" + b64(counting(31)),
		"public of 33 bytes":      "whpk_" + b64(counting(33)),
		"public of 64 bytes":      "whpk_" + b64(private),
		"text of 7 bytes":         "text_sevenof",
		"text of 257 bytes":       "text_" + strings.Repeat("a", 257),
		"text, space before":      "text_ correct horse",
		"text, line break after":  "text_correct horse\n",
		"text, NUL inside":        "text_correct\x00horse",
		"text that is no UTF-8":   "text_correct horse\xff",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := signature.ParseSecret(text)
			if !errors.Is(err, signature.ErrSecret) {
				t.Fatalf("ParseSecret(%q) = %v; want ErrSecret", text, err)
			}
			if !s.IsZero() || s.Reveal() != "" {
				t.Error("a refused secret holds a key")
			}
			if _, key, _ := strings.Cut(text, "_"); len(key) > 8 && strings.Contains(err.Error(), key[:8]) {
				t.Errorf("the error %q shows the key", err)
			}
		})
	}
}

func TestKeysOfTheWrongSizeAreRefused(t *testing.T) {
	for _, n := range []int{0, 1, 23, 65} {
		if _, err := signature.NewSecret(counting(n)); !errors.Is(err, signature.ErrSecret) {
			t.Errorf("NewSecret of %d bytes = %v; want ErrSecret", n, err)
		}
	}
	for _, seed := range [][]byte{nil, counting(31), counting(33), ed25519.NewKeyFromSeed(counting(32))} {
		if _, err := signature.NewPrivate(seed); !errors.Is(err, signature.ErrSecret) {
			t.Errorf("NewPrivate of %d bytes = %v; want ErrSecret", len(seed), err)
		}
	}
}

// O7.
func TestSecretKeepsItsText(t *testing.T) {
	private := ed25519.NewKeyFromSeed(counting(32))
	for _, text := range []string{
		"whsec_" + b64(counting(24)),
		"whsec_" + b64(counting(64)),
		"whsk_" + b64(counting(32)),
		"whsk_" + b64(private),
		"whpk_" + b64(private[32:]),
		"text_8 bytes!",
		"text_" + strings.Repeat("a", 256),
		"text_It's a Secret to Everybody, žluťoučký kůň",
		"text_" + oldText,
		"text_text_text_",
	} {
		if got := secret(t, text).Reveal(); got != text {
			t.Errorf("Reveal = %q, want %q", got, text)
		}
	}
}

func TestMadeSecretEqualsTheParsedOne(t *testing.T) {
	key := counting(24)
	made, err := signature.NewSecret(key)
	if err != nil {
		t.Fatal(err)
	}
	clear(key)
	if want := secret(t, "whsec_"+b64(counting(24))); !made.Equal(want) {
		t.Error("NewSecret differs from ParseSecret, or keeps the caller's slice")
	}
	seed := counting(32)
	private, err := signature.NewPrivate(seed)
	if err != nil {
		t.Fatal(err)
	}
	clear(seed)
	if want := secret(t, "whsk_"+b64(counting(32))); !private.Equal(want) {
		t.Error("NewPrivate differs from ParseSecret, or keeps the caller's slice")
	}
	if !ownText(t, "correct horse").Equal(secret(t, "text_correct horse")) {
		t.Error("NewText differs from ParseSecret")
	}
}

func TestSecretsAreEqualOnlyInKindAndKey(t *testing.T) {
	key := counting(32)
	private := ed25519.NewKeyFromSeed(key)
	seeded := secret(t, "whsk_"+b64(key))
	different := []signature.Secret{
		{},
		secret(t, "whsec_"+b64(key)),
		secret(t, "whsec_"+b64(counting(33))),
		secret(t, "whsec_"+b64(bytes.Repeat([]byte{1}, 32))),
		seeded,
		secret(t, "whpk_"+b64(private[32:])),
		secret(t, "whpk_"+b64(key)),
		ownText(t, "whsec_"+b64(key)),
		ownText(t, "correct horse"),
		ownText(t, "correct house"),
	}
	for i, a := range different {
		for j, b := range different {
			if a.Equal(b) != (i == j) {
				t.Errorf("secrets %d and %d: Equal = %v", i, j, a.Equal(b))
			}
		}
	}
	if !seeded.Equal(secret(t, "whsk_"+b64(private))) {
		t.Error("a seed and the private key made of it differ")
	}
}

func TestOnlyEd25519SecretsHaveAPublicHalf(t *testing.T) {
	private := ed25519.NewKeyFromSeed(counting(32))
	want := "whpk_" + b64(private[32:])
	for _, text := range []string{"whsk_" + b64(counting(32)), "whsk_" + b64(private), want} {
		if got := public(t, text).Reveal(); got != want {
			t.Errorf("public half is %q, want %q", got, want)
		}
	}
	for _, s := range []signature.Secret{{}, secret(t, oldText), ownText(t, "correct horse")} {
		if p, err := s.Public(); !errors.Is(err, signature.ErrSecret) || !p.IsZero() {
			t.Errorf("Public of a secret without one = %v; want ErrSecret", err)
		}
	}
}

func FuzzParsedSecretRoundTrips(f *testing.F) {
	for _, text := range []string{
		oldText, privateText, "whpk_" + b64(counting(32)), "whsk_" + b64(counting(64)), "whsec_", "whsec_\n", "text_correct horse",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := signature.ParseSecret(text)
		if err != nil {
			if !errors.Is(err, signature.ErrSecret) || !s.IsZero() {
				t.Fatalf("refused with %v and secret zero: %v", err, s.IsZero())
			}
			return
		}
		if s.IsZero() || s.Reveal() != text {
			t.Fatalf("Reveal = %q, want %q", s.Reveal(), text)
		}
		again, err := signature.ParseSecret(s.Reveal())
		if err != nil || !again.Equal(s) {
			t.Fatalf("parsed again: %v, equal: %v", err, again.Equal(s))
		}
	})
}

func FuzzMadeSecretRoundTrips(f *testing.F) {
	f.Add(counting(24))
	f.Add(counting(65))
	f.Fuzz(func(t *testing.T, key []byte) {
		s, err := signature.NewSecret(key)
		if (err == nil) != (len(key) >= 24 && len(key) <= 64) {
			t.Fatalf("%d bytes: %v", len(key), err)
		}
		if err == nil && s.Reveal() != "whsec_"+b64(key) {
			t.Fatalf("Reveal = %q, want the key in base64", s.Reveal())
		}
	})
}
