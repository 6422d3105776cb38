package main

import (
	"context"
	"html"
	"os/exec"
	"strings"
	"testing"

	"github.com/tenterhook/tenterhook/internal/need"
)

// SPEC I8: the address of update-respondent works in a real browser, which asks for more than the page: nothing but the page
// changes anybody.
func TestAddressOpensInABrowser(t *testing.T) {
	chromium := need.Tool(t, "chromium")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := false
	out := &trigger{text: "until Ctrl-C", do: func(printed string) {
		defer cancel()
		asked = true
		_, rest, _ := strings.Cut(printed, "An address to open in a browser:")
		_, rest, _ = strings.Cut(rest, "'")
		address, _, _ := strings.Cut(rest, "'")
		page, err := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
			"--dump-dom", strings.Replace(address, "l1=vip", "l1=browser", 1)).Output()
		const want = `{"type":"success","msg":"Respondent has been updated on the survey's mailing list"}`
		if err != nil || !strings.Contains(html.UnescapeString(string(page)), want) {
			t.Errorf("the browser shows %s, error %v; want %s", page, err, want)
		}
	}}
	if err := run(ctx, []string{"-serve"}, out); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !asked {
		t.Fatalf("nothing was opened:\n%s", out)
	}
}
