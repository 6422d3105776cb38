package pushurl_test

import (
	"testing"

	"github.com/tenterhook/tenterhook/internal/pushurl"
)

func TestUnescapeDecodesOnceWhatIsEncoded(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain + text": "plain + text", "a%40b%2Bc": "a@b+c", "%2540": "%40", "%": "%", "%4": "%4", "%zz%41": "%zzA", "%+1": "%+1", "%ff": "\xff",
	} {
		if got := pushurl.Unescape(text); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", text, got, want)
		}
	}
}
