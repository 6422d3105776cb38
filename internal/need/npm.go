package need

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const npmTimeout = 2 * time.Minute

// Npm installs packages, written as npm writes them ("svix@1"), into a new folder that is removed when t ends, and returns it.
// It runs none of their install scripts. Call it once, in the test whose subtests share the folder. The need is called node.
func Npm(t testing.TB, packages ...string) string {
	t.Helper()
	Node(t)
	npm := program(t, "node", "npm")
	folder := t.TempDir()
	// Without a package.json here, npm would look for one in the folders above and install there.
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"private":true}`), 0o600); err != nil {
		t.Fatalf("write package.json: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), npmTimeout)
	defer cancel()
	arguments := append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts"}, packages...)
	install := exec.CommandContext(ctx, npm, arguments...)
	install.Dir = folder
	if out, err := install.CombinedOutput(); err != nil {
		lack(t, "node", fmt.Sprintf("npm install: %v: %q", err, bytes.TrimSpace(out)))
	}
	return folder
}
