package signature_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

const bodyText = `{"test": 2432232314}`

// O7: while secrets rotate, either side may know only some of them.
func TestAnySharedSecretSuffices(t *testing.T) {
	for _, tt := range []struct {
		name     string
		signs    []string
		verifies []signature.Secret
		want     error
	}{
		{"same", []string{oldText}, []signature.Secret{secret(t, oldText)}, nil},
		{"sender rotates, receiver knows the old", []string{newText, oldText}, []signature.Secret{secret(t, oldText)}, nil},
		{"sender rotates, receiver knows the new", []string{newText, oldText}, []signature.Secret{secret(t, newText)}, nil},
		{"receiver rotates", []string{oldText}, []signature.Secret{secret(t, newText), secret(t, oldText)}, nil},
		{"kinds mix", []string{privateText, oldText}, []signature.Secret{secret(t, oldText)}, nil},
		{"public half", []string{oldText, privateText}, []signature.Secret{public(t, privateText)}, nil},
		{"private half", []string{privateText}, []signature.Secret{secret(t, privateText)}, nil},
		{"another", []string{oldText}, []signature.Secret{secret(t, newText)}, signature.ErrNoMatch},
		{"another kind", []string{oldText}, []signature.Secret{public(t, privateText)}, signature.ErrNoMatch},
		{"another public", []string{privateText}, []signature.Secret{secret(t, "whpk_"+b64(counting(32)))}, signature.ErrNoMatch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := headers("run_1", unix(signedAt), sign(t, signer(t, tt.signs...), "run_1", signedAt, []byte(bodyText)))
			if err := verifier(t, tt.verifies...).Verify(h, []byte(bodyText), signedAt); !errors.Is(err, tt.want) {
				t.Errorf("Verify = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestSixteenOfTheLongestSignaturesFit(t *testing.T) {
	texts := make([]string, 16)
	for i := range texts {
		texts[i] = "whsk_" + b64(counting(32 + i)[i:])
	}
	h := headers("run_1", unix(signedAt), sign(t, signer(t, texts...), "run_1", signedAt, nil))
	for _, text := range texts {
		if err := verifier(t, public(t, text)).Verify(h, nil, signedAt); err != nil {
			t.Error(err)
		}
	}
}

func TestAlteredMessagesAreRefused(t *testing.T) {
	for _, text := range []string{oldText, privateText} {
		v := verifier(t, secret(t, text))
		genuine := sign(t, signer(t, text), "run_1", signedAt, []byte(bodyText))
		for _, tt := range []struct{ name, id, timestamp, body string }{
			{"id", "run_2", unix(signedAt), bodyText},
			{"id in capitals", "RUN_1", unix(signedAt), bodyText},
			{"timestamp", "run_1", unix(signedAt.Add(time.Second)), bodyText},
			{"body", "run_1", unix(signedAt), strings.Replace(bodyText, "4", "5", 1)},
			{"body with a space", "run_1", unix(signedAt), bodyText + " "},
			{"body cut", "run_1", unix(signedAt), bodyText[:len(bodyText)-1]},
			{"no body", "run_1", unix(signedAt), ""},
		} {
			t.Run(text[:5]+" "+tt.name, func(t *testing.T) {
				err := v.Verify(headers(tt.id, tt.timestamp, genuine), []byte(tt.body), signedAt)
				if !errors.Is(err, signature.ErrNoMatch) {
					t.Errorf("Verify = %v, want ErrNoMatch", err)
				}
			})
		}
	}
}

// ATTACKS 34.
func TestBadSignatureHeadersAreRefused(t *testing.T) {
	for kind, text := range map[string]string{"v1": oldText, "v1a": privateText} {
		v := verifier(t, secret(t, text))
		genuine := sign(t, signer(t, text), "run_1", signedAt, []byte(bodyText))
		bare := strings.TrimPrefix(genuine, kind+",")
		other := map[string]string{"v1": "v1a", "v1a": "v1"}[kind]
		for _, tt := range []struct {
			name, signatures string
			want             error
		}{
			{"genuine", genuine, nil},
			{"genuine last", "v1,AAAA v1a,AAAA v2,AAAA " + genuine, nil},
			{"genuine first", genuine + " v1,AAAA v1a,!", nil},
			{"genuine sixteenth", strings.Repeat(kind+",AAAA ", 15) + genuine, nil},
			{"nothing", "", signature.ErrMalformedSignature},
			{"version only", kind, signature.ErrMalformedSignature},
			{"version and comma", kind + ",", signature.ErrMalformedSignature},
			{"no version", "," + bare, signature.ErrMalformedSignature},
			{"no version, no comma", bare, signature.ErrMalformedSignature},
			{"short", kind + ",AAAA", signature.ErrNoMatch},
			{"half", genuine[:len(genuine)/2], signature.ErrNoMatch},
			{"all but the last byte", genuine[:len(genuine)-1], signature.ErrNoMatch},
			{"without padding", strings.TrimRight(genuine, "="), signature.ErrNoMatch},
			{"trailing space", genuine + " ", signature.ErrMalformedSignature},
			{"leading space", " " + genuine, signature.ErrMalformedSignature},
			{"two spaces", genuine + "  " + genuine, signature.ErrMalformedSignature},
			{"trailing comma", genuine + ",", signature.ErrNoMatch},
			{"trailing tab", genuine + "\t", signature.ErrNoMatch},
			{"trailing line break", genuine + "\n", signature.ErrNoMatch},
			{"line break inside", genuine[:20] + "\n" + genuine[20:], signature.ErrNoMatch},
			{"trailing NUL", genuine + "\x00", signature.ErrNoMatch},
			{"not base64", kind + ",!" + bare[1:], signature.ErrNoMatch},
			{"joined by commas", genuine + "," + genuine, signature.ErrNoMatch},
			{"other kind", other + "," + bare, signature.ErrNoMatch},
			{"unknown version", "v2," + bare, signature.ErrNoMatch},
			{"version in capitals", strings.ToUpper(kind) + "," + bare, signature.ErrNoMatch},
			{"seventeen", strings.Repeat(kind+",AAAA ", 16) + genuine, signature.ErrTooManySignatures},
			{"4096 bytes", genuine + " v2," + strings.Repeat("A", 4096-len(genuine)-4), nil},
			{"4097 bytes", genuine + " v2," + strings.Repeat("A", 4097-len(genuine)-4), signature.ErrHeaderTooLarge},
			{"200,000", strings.Repeat(kind+",AAAA ", 200_000) + genuine, signature.ErrHeaderTooLarge},
		} {
			t.Run(kind+" "+tt.name, func(t *testing.T) {
				err := v.Verify(headers("run_1", unix(signedAt), tt.signatures), []byte(bodyText), signedAt)
				if !errors.Is(err, tt.want) {
					t.Errorf("Verify = %v, want %v", err, tt.want)
				}
			})
		}
	}
}

// ATTACKS 36.
func TestTimestampsHaveOneSpellingAndAreNearNow(t *testing.T) {
	v := verifier(t, secret(t, oldText))
	for _, tt := range []struct {
		timestamp string
		want      error
	}{
		{unix(signedAt), nil},
		{unix(signedAt.Add(-299 * time.Second)), nil},
		{unix(signedAt.Add(299 * time.Second)), nil},
		{unix(signedAt.Add(-300 * time.Second)), signature.ErrTooOld},
		{unix(signedAt.Add(300 * time.Second)), signature.ErrTooNew},
		{"0", signature.ErrTooOld},
		{"123", signature.ErrTooOld},
		{"1614265330000", signature.ErrTooNew},
		{"9223372036854775807", signature.ErrTooNew},
		{"9223372036854775808", signature.ErrMalformedTimestamp},
		{"99999999999999999999", signature.ErrMalformedTimestamp},
		{"", signature.ErrMalformedTimestamp},
		{"-1", signature.ErrMalformedTimestamp},
		{"-0", signature.ErrMalformedTimestamp},
		{"00", signature.ErrMalformedTimestamp},
		{"+1614265330", signature.ErrMalformedTimestamp},
		{"01614265330", signature.ErrMalformedTimestamp},
		{" 1614265330", signature.ErrMalformedTimestamp},
		{"1614265330 ", signature.ErrMalformedTimestamp},
		{"1614265330\n", signature.ErrMalformedTimestamp},
		{"1614265330.0", signature.ErrMalformedTimestamp},
		{"1_614_265_330", signature.ErrMalformedTimestamp},
		{"1e9", signature.ErrMalformedTimestamp},
		{"0x60378F32", signature.ErrMalformedTimestamp},
		{"١٦١٤٢٦٥٣٣٠", signature.ErrMalformedTimestamp},
		{"now", signature.ErrMalformedTimestamp},
	} {
		t.Run(tt.timestamp, func(t *testing.T) {
			// What a lenient reader would read is signed, so that only the check of the timestamp can refuse it.
			at := signedAt
			if seconds, err := strconv.ParseInt(strings.TrimSpace(tt.timestamp), 10, 64); err == nil && seconds > 0 {
				at = time.Unix(seconds, 0)
			}
			h := headers("run_1", tt.timestamp, sign(t, signer(t, oldText), "run_1", at, []byte(bodyText)))
			if err := v.Verify(h, []byte(bodyText), signedAt); !errors.Is(err, tt.want) {
				t.Errorf("Verify = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestToleranceIsTheReceivers(t *testing.T) {
	h := headers("run_1", unix(signedAt), sign(t, signer(t, oldText), "run_1", signedAt, nil))
	for _, tt := range []struct {
		name      string
		tolerance time.Duration
		age       time.Duration
		want      error
	}{
		{"default, just within", 0, 5*time.Minute - 1, nil},
		{"default, just too old", 0, 5 * time.Minute, signature.ErrTooOld},
		{"default, early, just within", 0, -5*time.Minute + 1, nil},
		{"default, just too new", 0, -5 * time.Minute, signature.ErrTooNew},
		{"a minute, within", time.Minute, 59 * time.Second, nil},
		{"a minute, too old", time.Minute, time.Minute, signature.ErrTooOld},
		{"a minute, too new", time.Minute, -time.Minute, signature.ErrTooNew},
		{"an hour", time.Hour, 59 * time.Minute, nil},
		{"negative", -time.Minute, 0, signature.ErrTooNew},
		{"longest", 1<<63 - 1, 24 * time.Hour, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := verifier(t, secret(t, oldText))
			v.Tolerance = tt.tolerance
			if err := v.Verify(h, nil, signedAt.Add(tt.age)); !errors.Is(err, tt.want) {
				t.Errorf("Verify = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestMissingRepeatedAndMalformedHeadersAreRefused(t *testing.T) {
	v := verifier(t, secret(t, oldText))
	for _, name := range []string{signature.HeaderID, signature.HeaderTimestamp, signature.HeaderSignature} {
		genuine := func() http.Header {
			return headers("run_1", unix(signedAt), sign(t, signer(t, oldText), "run_1", signedAt, nil))
		}
		t.Run("no "+name, func(t *testing.T) {
			h := genuine()
			h.Del(name)
			if err := v.Verify(h, nil, signedAt); !errors.Is(err, signature.ErrMissingHeader) || !strings.Contains(err.Error(), name) {
				t.Errorf("Verify = %v, want ErrMissingHeader and the name", err)
			}
		})
		t.Run("two of "+name, func(t *testing.T) {
			h := genuine()
			h.Add(name, h.Get(name))
			if err := v.Verify(h, nil, signedAt); !errors.Is(err, signature.ErrRepeatedHeader) || !strings.Contains(err.Error(), name) {
				t.Errorf("Verify = %v, want ErrRepeatedHeader and the name", err)
			}
		})
	}
	t.Run("nil", func(t *testing.T) {
		if err := v.Verify(nil, nil, signedAt); !errors.Is(err, signature.ErrMissingHeader) {
			t.Errorf("Verify = %v, want ErrMissingHeader", err)
		}
	})
	for _, id := range []string{"", "run.1", "run 1", "run_1\n", "rún", strings.Repeat("a", 257)} {
		h := headers(id, unix(signedAt), "v1,AAAA")
		if err := v.Verify(h, nil, signedAt); !errors.Is(err, signature.ErrMalformedID) {
			t.Errorf("Verify of id %q = %v, want ErrMalformedID", id, err)
		}
	}
}

// The wire's spelling of a header name does not matter; net/http makes it canonical.
func TestHeaderNamesAreCanonicalAsReceived(t *testing.T) {
	h := http.Header{
		"Webhook-Id":        {"run_1"},
		"Webhook-Timestamp": {unix(signedAt)},
		"Webhook-Signature": {sign(t, signer(t, oldText), "run_1", signedAt, nil)},
	}
	if err := verifier(t, secret(t, oldText)).Verify(h, nil, signedAt); err != nil {
		t.Error(err)
	}
}

func FuzzOnlyTheGenuineMessageIsAccepted(f *testing.F) {
	timestamp := unix(signedAt)
	genuine := sign(f, signer(f, oldText, privateText), "run_1", signedAt, []byte(bodyText))
	v := verifier(f, secret(f, oldText), public(f, privateText))
	f.Add("run_1", timestamp, genuine, []byte(bodyText))
	f.Add("run_1", timestamp, genuine, []byte(bodyText+" "))
	f.Add("run_1", "+"+timestamp, genuine, []byte(bodyText))
	f.Add("run_1."+timestamp, "1614265331", genuine, []byte(bodyText))
	f.Add("run_1", timestamp, genuine+" ", []byte(bodyText))
	f.Add("run_2", timestamp, "v1,AAAA v1a,AAAA", []byte{})
	f.Fuzz(func(t *testing.T, id, at, signatures string, body []byte) {
		err := v.Verify(headers(id, at, signatures), body, signedAt)
		same := id == "run_1" && at == timestamp && string(body) == bodyText
		if err == nil && (!same || !sharesEntry(signatures, genuine)) {
			t.Fatalf("accepted id %q, timestamp %q, signatures %q, body %q", id, at, signatures, body)
		}
		if err != nil && same && signatures == genuine {
			t.Fatalf("refused the genuine message: %v", err)
		}
	})
}

func sharesEntry(signatures, genuine string) bool {
	for entry := range strings.SplitSeq(genuine, " ") {
		if strings.Contains(" "+signatures+" ", " "+entry+" ") {
			return true
		}
	}
	return false
}

func BenchmarkVerify(b *testing.B) {
	for name, text := range map[string]string{"v1": oldText, "v1a": privateText} {
		b.Run(name, func(b *testing.B) {
			body := make([]byte, 1024)
			h := headers("run_1", unix(signedAt), sign(b, signer(b, text), "run_1", signedAt, body))
			v := verifier(b, secret(b, text))
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if err := v.Verify(h, body, signedAt); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
