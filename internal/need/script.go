package need

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// Script runs a Node.js script that reads lines of JSON, hands it one for each of lines, and returns its answers, as many
// lines. The need is called node.
func Script[T any](t testing.TB, lines []T, script string, args ...string) []string {
	t.Helper()
	var in bytes.Buffer
	for _, line := range lines {
		if err := json.NewEncoder(&in).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), Node(t), append([]string{script}, args...)...)
	var stderr strings.Builder
	run.Stdin, run.Stderr = &in, &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("run %s: %v\n%s", script, err, stderr.String())
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%s gave %d answers to %d lines", script, len(answers), len(lines))
	}
	return answers
}
