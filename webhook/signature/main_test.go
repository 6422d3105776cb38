package signature_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/webhook/signature"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// signedAt is the time in the published vectors.
var signedAt = time.Unix(1614265330, 0)

const (
	oldText     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newText     = "whsec_bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE="
	privateText = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
)

func secret(t testing.TB, text string) signature.Secret {
	t.Helper()
	s, err := signature.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func public(t testing.TB, text string) signature.Secret {
	t.Helper()
	p, err := secret(t, text).Public()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signer(t testing.TB, texts ...string) signature.Signer {
	t.Helper()
	secrets := make([]signature.Secret, len(texts))
	for i, text := range texts {
		secrets[i] = secret(t, text)
	}
	s, err := signature.NewSigner(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verifier(t testing.TB, secrets ...signature.Secret) signature.Verifier {
	t.Helper()
	v, err := signature.NewVerifier(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sign(t testing.TB, s signature.Signer, id string, at time.Time, body []byte) string {
	t.Helper()
	signatures, err := s.Sign(id, at, body)
	if err != nil {
		t.Fatal(err)
	}
	return signatures
}

func headers(id, timestamp, signatures string) http.Header {
	h := http.Header{}
	h.Set(signature.HeaderID, id)
	h.Set(signature.HeaderTimestamp, timestamp)
	h.Set(signature.HeaderSignature, signatures)
	return h
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
