package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rules are all rules, by the name of their folder in testdata/broken.
var rules = []struct {
	name  string
	check func(tree) []violation
}{
	{"imports", importsPointDown},
	{"dependencies", dependenciesStayHome},
	{"folders", foldersAreListed},
	{"purity", lowRanksArePure},
	{"clock", clockHasAnOwner},
	{"clients", strangersAreCalledByEgress},
	{"certificates", certificatesAreChecked},
	{"sleep", testsSleepInBubbles},
	{"files", filesAreShort},
	{"functions", functionsAreShort},
	{"names", namesSaySomething},
	{"comments", exportsAreDocumented},
	{"sql", sqlLivesInFiles},
	{"documents", documentsExist},
	{"readme", readmeRuns},
}

func TestModuleKeepsItsShape(t *testing.T) {
	tr := load(t, moduleRoot(t))
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, v := range sorted(rule.check(tr)) {
				t.Error(v)
			}
		})
	}
}

// Each folder of testdata/broken is a module that breaks one rule, beside things
// that only look like it; want.txt has the complaints, one a line.
func TestEveryRuleCatchesWhatBreaksIt(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			root := filepath.Join("testdata", "broken", rule.name)
			want, err := os.ReadFile(filepath.Join(root, "want.txt"))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, v := range sorted(rule.check(load(t, root))) {
				got.WriteString(v.String() + "\n")
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
				t.Errorf("complaints (-want +got):\n%s", diff)
			}
			if len(want) == 0 {
				t.Error("want.txt is empty: a rule that catches nothing is none")
			}
		})
	}
}

// A folder that no rule reads would show nothing.
func TestEveryBrokenTreeHasARule(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "broken"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(rules) {
		t.Errorf("testdata/broken has %d folders, want one for each of %d rules", len(entries), len(rules))
	}
}

// Whatever of the pair is missing, the rule fails and says what to write.
func TestReadmeRuleIsNeverSkipped(t *testing.T) {
	const readme = "# A module\n\n```go\nd.Wake()\n```\n"
	const example = "package p\n\nfunc Example() {\n\t// README begins\n\td.Wake()\n\t// README ends\n\t// Output:\n}\n"
	tests := []struct {
		name, readme, example string
		want                  string // part of the complaint, "" for none
	}{
		{"both", readme, example, ""},
		{"no README", "", example, "README.md: is missing"},
		{"no code in README", "# A module\n", example, "no fenced Go code"},
		{"no example file", readme, "", "example_test.go: is missing"},
		{"no func Example", readme, "package p\n", "no func Example"},
		{"no markers", readme, strings.ReplaceAll(example, "README", ""), "lacks the markers"},
		{"no output", readme, strings.Replace(example, "// Output:", "", 1), "no output to compare"},
		{"a line less in README", strings.Replace(readme, "d.Wake()", "", 1), example, "line 1 is not"},
		{"a line more in README", strings.Replace(readme, "d.Wake()", "d.Wake()\nd.Wake()", 1), example, "line 2 is not"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, "README.md"), tt.readme)
			write(t, filepath.Join(root, exampleFile), tt.example)
			var got strings.Builder
			for _, v := range readmeRuns(tree{root: root}) {
				got.WriteString(v.String())
			}
			if (got.Len() == 0) != (tt.want == "") || !strings.Contains(got.String(), tt.want) {
				t.Errorf("complaint = %q, want %q", got.String(), tt.want)
			}
		})
	}
}

// write makes the file name, unless content is empty.
func write(t *testing.T, name, content string) {
	t.Helper()
	if content == "" {
		return
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
