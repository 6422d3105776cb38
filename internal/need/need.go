// Package need finds what a test needs from the machine it runs on, or skips the test.
//
// The environment variable TENTERHOOK_REQUIRE lists, separated by commas, what must be there: lacking one of those fails the
// test in place of skipping it, so that a machine meant to run everything cannot pass by running nothing.
package need

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Tool returns the path of the program name; the need is called like the program.
func Tool(t testing.TB, name string) string {
	t.Helper()
	return program(t, name, name)
}

// Node returns the path of Node.js; the need is called node.
func Node(t testing.TB) string {
	t.Helper()
	return Tool(t, "node")
}

// Suites returns the folder of public test suites that TENTERHOOK_SUITES names; the need is called suites.
func Suites(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("TENTERHOOK_SUITES")
	if folder == "" {
		lack(t, "suites", "TENTERHOOK_SUITES names no folder")
	}
	return folder
}

func program(t testing.TB, need, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		lack(t, need, err.Error())
	}
	return path
}

// lack ends the test: failed if TENTERHOOK_REQUIRE lists the need, else skipped.
func lack(t testing.TB, need, reason string) {
	t.Helper()
	if slices.Contains(required(), need) {
		t.Fatalf("needs %s, which TENTERHOOK_REQUIRE demands: %s", need, reason)
	}
	t.Skipf("needs %s: %s", need, reason)
}

func required() []string {
	separator := func(r rune) bool { return r == ',' || r == ' ' }
	return strings.FieldsFunc(os.Getenv("TENTERHOOK_REQUIRE"), separator)
}
