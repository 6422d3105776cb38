package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// commandVariable has a test binary be the program that it tests.
const commandVariable = "TENTERHOOK_TEST_COMMAND"

// Command runs a program in the place of the tests where [Unread] has started the test binary: TestMain calls it first.
func Command(program func()) {
	if os.Getenv(commandVariable) != "" {
		program()
	}
}

// Unread runs the program of [Command] with an output that nobody reads, as in a pipe to head. It reports another exit status than
// want, and what is left in the folder for temporary files.
func Unread(t testing.TB, want int, args ...string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unread, output, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	unread.Close()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), commandVariable+"=1", "TMPDIR="+dir, "TMP="+dir)
	cmd.Stdout = output
	err = cmd.Run()
	output.Close()
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("%q: exit status %d, error %v; want %d", args, got, err, want)
	}
	holds(t, dir, 0)
}

// TempFolder has dir be the folder for temporary files until t ends.
func TempFolder(t testing.TB, dir string) {
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // Windows
}

// OddTempFolder has the folder for temporary files be one whose name means something in a URI, until t ends. Then it reports what is
// left in it, or beside it.
func OddTempFolder(t testing.TB) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there, no folder has such a name")
	}
	outer := t.TempDir()
	dir := filepath.Join(outer, "what? 100%41 #1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	TempFolder(t, dir)
	t.Cleanup(func() {
		holds(t, outer, 1)
		holds(t, dir, 0)
	})
}

// holds reports a folder that has another number of entries.
func holds(t testing.TB, folder string, want int) {
	t.Helper()
	if left, err := os.ReadDir(folder); err != nil || len(left) != want {
		t.Errorf("%q holds %v, %v; want %d entries", folder, left, err, want)
	}
}
