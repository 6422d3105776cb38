package need

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be a process that ends while it has a server, see throwaway_test.go.
func TestMain(m *testing.M) {
	if how := os.Getenv(endVariable); how != "" {
		endWithServer(how)
	}
	goleak.VerifyTestMain(m)
}

// recorder notes how a test ended in place of ending it.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func ending(t *testing.T, test func(testing.TB)) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	return r
}

func TestLackSkipsUnlessRequired(t *testing.T) {
	needs := map[string]func(testing.TB){
		"node":     func(tb testing.TB) { Npm(tb, "svix@1") },
		"postgres": func(tb testing.TB) { database(tb, nil) },
		"psql":     func(tb testing.TB) { Tool(tb, "psql") },
		"python3":  func(tb testing.TB) { PythonScript(tb, []int{1}, "none.py") },
		"suites":   func(tb testing.TB) { Suites(tb) },
	}
	for name, test := range needs {
		for _, tt := range []struct {
			require string
			fails   bool
		}{
			{"", false},
			{"other", false},
			{name + "js", false},
			{name, true},
			{"other," + name, true},
			{"other, " + name, true},
		} {
			t.Run(name+" with require="+tt.require, func(t *testing.T) {
				t.Setenv("PATH", "")
				t.Setenv("TENTERHOOK_POSTGRES", "")
				t.Setenv("TENTERHOOK_SUITES", "")
				t.Setenv("TENTERHOOK_REQUIRE", tt.require)
				got := ending(t, test)
				if (got.failed != "") != tt.fails || (got.skipped != "") == tt.fails {
					t.Fatalf("failed %q, skipped %q; want failure: %v", got.failed, got.skipped, tt.fails)
				}
				if line := got.failed + got.skipped; !strings.Contains(line, "needs "+name) || strings.Contains(line, "\n") {
					t.Errorf("ended with %q, want one line that names %q", line, name)
				}
			})
		}
	}
}

func TestToolThatIsThereIsFound(t *testing.T) {
	t.Setenv("TENTERHOOK_REQUIRE", "go")
	if path := Tool(t, "go"); path == "" {
		t.Error("found go without a path")
	}
}
