package egress

import (
	"fmt"
	"testing"
)

// A URL is judged once, a refused one each time, and strangers cannot fill the memory with URLs.
func TestJudgedURLsAreRememberedWithinABound(t *testing.T) {
	c := New(Options{})
	defer c.Close()
	first, err := c.target("https://hooks.example.com/in")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.target("https://hooks.example.com/in"); err != nil || again != first {
		t.Errorf("the second time gave %v, %v: want the URL of the first", again, err)
	}
	for range 2 {
		if _, err := c.target("https://127.0.0.1/"); err == nil {
			t.Error("a refused URL was let through")
		}
	}
	for i := range 3 * maxTargets {
		if _, err := c.target(fmt.Sprintf("https://hooks.example.com/%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.targets.known); n > maxTargets {
		t.Errorf("%d URLs are remembered, want at most %d", n, maxTargets)
	}
}
