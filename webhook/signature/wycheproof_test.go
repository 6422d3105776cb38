package signature

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenterhook/tenterhook/internal/need"
)

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	*h = raw
	return err
}

type suite struct {
	NumberOfTests int
	TestGroups    []struct {
		PublicKey struct{ PK hexBytes }
		TagSize   int
		Tests     []struct {
			ID      int `json:"tcId"`
			Comment string
			Key     hexBytes
			Msg     hexBytes
			Sig     hexBytes
			Tag     hexBytes
			Result  string
		}
	}
}

func readSuite(t *testing.T, name string) suite {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(need.Suites(t), "wycheproof", name))
	if err != nil {
		t.Fatal(err)
	}
	var s suite
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func listed(version string, signature []byte) []entry {
	return []entry{{version, base64.StdEncoding.EncodeToString(signature)}}
}

// O7. The keys that NewSecret refuses for their size go to the same code below it. A truncated tag is no v1 signature.
func TestWycheproofHMACVerdictsHold(t *testing.T) {
	s := readSuite(t, "hmac_sha256_test.json")
	done := 0
	for _, group := range s.TestGroups {
		for _, tt := range group.Tests {
			k := &key{shared: &shared{key: tt.Key}}
			secret, err := NewSecret(tt.Key)
			if fits := len(tt.Key) >= minSharedKey && len(tt.Key) <= maxSharedKey; (err == nil) != fits {
				t.Errorf("case %d: NewSecret of %d bytes = %v", tt.ID, len(tt.Key), err)
			}
			if err == nil {
				k = secret.key()
			}
			want := tt.Result == "valid" && group.TagSize == 256
			if got := k.matches(content{body: tt.Msg}, listed(versionShared, tt.Tag)); got != want {
				t.Errorf("case %d (%s): accepted %v, want %v", tt.ID, tt.Comment, got, want)
			}
			if k.matches(content{body: tt.Msg}, listed(versionEd25519, tt.Tag)) {
				t.Errorf("case %d (%s): accepted under the other version", tt.ID, tt.Comment)
			}
			done++
		}
	}
	if done == 0 || done != s.NumberOfTests {
		t.Errorf("checked %d cases, want %d", done, s.NumberOfTests)
	}
}

// O7.
func TestWycheproofEd25519VerdictsHold(t *testing.T) {
	s := readSuite(t, "ed25519_test.json")
	done := 0
	for _, group := range s.TestGroups {
		secret, err := ParseSecret("whpk_" + base64.StdEncoding.EncodeToString(group.PublicKey.PK))
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range group.Tests {
			if got := secret.key().matches(content{body: tt.Msg}, listed(versionEd25519, tt.Sig)); got != (tt.Result == "valid") {
				t.Errorf("case %d (%s): accepted %v, want %s", tt.ID, tt.Comment, got, tt.Result)
			}
			if secret.key().matches(content{body: tt.Msg}, listed(versionShared, tt.Sig)) {
				t.Errorf("case %d (%s): accepted under the other version", tt.ID, tt.Comment)
			}
			done++
		}
	}
	if done == 0 || done != s.NumberOfTests {
		t.Errorf("checked %d cases, want %d", done, s.NumberOfTests)
	}
}
