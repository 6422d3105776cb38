package signature_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// O7: the vectors that the specification's own libraries are tested with.
func TestPublishedVectorsAreSignedAlike(t *testing.T) {
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Name, Secret, ID, Body, Signature string
			Timestamp                         int64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) != 2 {
		t.Fatalf("read %d vectors, want 2", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			at := time.Unix(v.Timestamp, 0)
			if got := sign(t, signer(t, v.Secret), v.ID, at, []byte(v.Body)); got != v.Signature {
				t.Errorf("signed %q, want %q", got, v.Signature)
			}
			h := headers(v.ID, unix(at), v.Signature)
			if err := verifier(t, secret(t, v.Secret)).Verify(h, []byte(v.Body), at); err != nil {
				t.Error(err)
			}
		})
	}
}

// O7: several signatures while secrets rotate.
func TestSignaturesFollowTheOrderOfTheSecrets(t *testing.T) {
	body := []byte(`{"a":1}`)
	var want []string
	texts := []string{newText, privateText, oldText}
	for _, text := range texts {
		want = append(want, sign(t, signer(t, text), "run_1", signedAt, body))
	}
	got := strings.Split(sign(t, signer(t, texts...), "run_1", signedAt, body), " ")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signatures (-want +got):\n%s", diff)
	}
}

func TestFractionsOfASecondAreNotSigned(t *testing.T) {
	s := signer(t, oldText)
	whole := sign(t, s, "run_1", signedAt, nil)
	if got := sign(t, s, "run_1", signedAt.Add(999*time.Millisecond), nil); got != whole {
		t.Errorf("signed %q, want %q", got, whole)
	}
}

// The full stop separates id, timestamp and body: ("a.1", 2, "x") and ("a", 1, "2.x") would be signed alike.
func TestMalformedIDsAndTimesAreNotSigned(t *testing.T) {
	s := signer(t, oldText)
	for _, tt := range []struct {
		name, id string
		at       time.Time
		want     error
	}{
		{"empty id", "", signedAt, signature.ErrMalformedID},
		{"full stop", "a.1", signedAt, signature.ErrMalformedID},
		{"space", "a b", signedAt, signature.ErrMalformedID},
		{"line break", "a\r\nb", signedAt, signature.ErrMalformedID},
		{"NUL", "a\x00", signedAt, signature.ErrMalformedID},
		{"DEL", "a\x7f", signedAt, signature.ErrMalformedID},
		{"not ASCII", "é", signedAt, signature.ErrMalformedID},
		{"257 bytes", strings.Repeat("a", 257), signedAt, signature.ErrMalformedID},
		{"before 1970", "a", time.Unix(-1, 0), signature.ErrMalformedTimestamp},
		{"zero time", "a", time.Time{}, signature.ErrMalformedTimestamp},
		{"256 bytes", strings.Repeat("a", 256), signedAt, nil},
		{"every other character", "!\"#$%&'()*+,-/09:;<=>?@AZ[\\]^_`az{|}~", signedAt, nil},
		{"1970", "a", time.Unix(0, 0), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.Sign(tt.id, tt.at, nil)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Sign(%q, %v) = %v, want %v", tt.id, tt.at, err, tt.want)
			}
			if (got == "") != (tt.want != nil) {
				t.Errorf("Sign(%q, %v) = %q with error %v", tt.id, tt.at, got, err)
			}
		})
	}
}

func TestUnfitSecretsMakeNeitherSignerNorVerifier(t *testing.T) {
	good := secret(t, oldText)
	for _, tt := range []struct {
		name             string
		secrets          []signature.Secret
		signer, verifier error
	}{
		{"none", nil, signature.ErrNoSecret, signature.ErrNoSecret},
		{"a zero one", []signature.Secret{good, {}}, signature.ErrSecret, signature.ErrSecret},
		{"17", slices.Repeat([]signature.Secret{good}, 17), signature.ErrTooManySecrets, signature.ErrTooManySecrets},
		{"a public one", []signature.Secret{good, public(t, privateText)}, signature.ErrSecret, nil},
		{"a text", []signature.Secret{good, ownText(t, "correct horse")}, signature.ErrSecret, signature.ErrSecret},
		{"16", slices.Repeat([]signature.Secret{good}, 16), nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := signature.NewSigner(tt.secrets...); !errors.Is(err, tt.signer) {
				t.Errorf("NewSigner = %v, want %v", err, tt.signer)
			}
			if _, err := signature.NewVerifier(tt.secrets...); !errors.Is(err, tt.verifier) {
				t.Errorf("NewVerifier = %v, want %v", err, tt.verifier)
			}
		})
	}
}

func TestZeroSignerAndVerifierRefuse(t *testing.T) {
	if got, err := (signature.Signer{}).Sign("a", signedAt, nil); !errors.Is(err, signature.ErrNoSecret) || got != "" {
		t.Errorf("zero Signer signed %q, %v; want ErrNoSecret", got, err)
	}
	h := headers("a", unix(signedAt), sign(t, signer(t, oldText), "a", signedAt, nil))
	if err := (signature.Verifier{}).Verify(h, nil, signedAt); !errors.Is(err, signature.ErrNoSecret) {
		t.Errorf("zero Verifier = %v; want ErrNoSecret", err)
	}
}

// The caller may use its slice for something else afterwards.
func TestSignerAndVerifierKeepTheirSecrets(t *testing.T) {
	secrets := []signature.Secret{secret(t, oldText)}
	s, err := signature.NewSigner(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	v := verifier(t, secrets...)
	want := sign(t, s, "a", signedAt, nil)
	secrets[0] = secret(t, newText)
	if got := sign(t, s, "a", signedAt, nil); got != want {
		t.Errorf("signed %q, want %q", got, want)
	}
	if err := v.Verify(headers("a", unix(signedAt), want), nil, signedAt); err != nil {
		t.Error(err)
	}
}

func BenchmarkSign(b *testing.B) {
	for name, texts := range map[string][]string{"v1": {oldText}, "v1a": {privateText}, "rotation": {newText, oldText}} {
		b.Run(name, func(b *testing.B) {
			s, body := signer(b, texts...), make([]byte, 1024)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := s.Sign("run_01J0000000000000000000000", signedAt, body); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
