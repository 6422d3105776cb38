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
	return answers(t, lines, append([]string{Node(t), script}, args...))
}

// PythonScript is Script for one in Python; the need is called python3.
func PythonScript[T any](t testing.TB, lines []T, script string, args ...string) []string {
	t.Helper()
	return answers(t, lines, append([]string{Tool(t, "python3"), script}, args...))
}

func answers[T any](t testing.TB, lines []T, command []string) []string {
	t.Helper()
	var in bytes.Buffer
	for _, line := range lines {
		if err := json.NewEncoder(&in).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), command[0], command[1:]...)
	var stderr strings.Builder
	run.Stdin, run.Stderr = &in, &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("run %s: %v\n%s", command[1], err, stderr.String())
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%s gave %d answers to %d lines", command[1], len(answers), len(lines))
	}
	return answers
}
