package webhook_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store/memory"
	"github.com/tenterhook/tenterhook/webhook"
)

// I9, ATTACKS 42: of JSONTestSuite (github.com/nst/JSONTestSuite), what is JSON is taken beside the data that is asked for, and
// alone refused for what it lacks and where; what is none is refused as such; and the rest is one or the other.
func TestJSONIsReadAsTheStandardSays(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(need.Suites(t), "jsontestsuite", "test_parsing", "*.json"))
	if err != nil || len(files) < 300 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	h := newHouse(t, memory.New(), webhook.ReceiverOptions{})
	a, key := h.open(inviting())
	answers := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		got := h.send(jsonCall("/in/"+a.ID, key, string(text)))
		want := map[byte][]int{'y': {422}, 'n': {400}, 'i': {400, 422}}[name[0]]
		if !slices.Contains(want, got.Status) || got.Status == 422 && !strings.Contains(got.Body, `"pointer":"`) {
			t.Errorf("%s (%.60q): answered %d %.300s", name, text, got.Status, got.Body)
		}
		answers[name[:1]+" "+http.StatusText(got.Status)]++
		if name[0] != 'y' {
			continue
		}
		got = h.send(jsonCall("/in/"+a.ID, key, `{"email":"ada@example.com","rest":`+string(text)+`}`))
		if twice := strings.Contains(name, "duplicated_key"); got.Status != 202 && !twice || got.Status != 422 && twice {
			t.Errorf("%s (%.60q) beside an address: answered %d %.300s", name, text, got.Status, got.Body)
		}
	}
	t.Log(answers)
}
