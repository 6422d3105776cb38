package archtest

import (
	"go/ast"
	"slices"
	"strings"
)

// impureImports reach outside the process or draw randomness; what is below them
// does too.
var impureImports = []string{
	"crypto/rand", "database/sql", "io/ioutil", "log", "math/rand", "net", "net/http", "net/rpc", "net/smtp",
	"os", "plugin", "runtime/pprof", "runtime/trace", "syscall", "testing",
}

// pureOfNet are the packages below net that only read text.
var pureOfNet = []string{"net/mail", "net/netip", "net/textproto", "net/url"}

// clockReads are the functions of package time that ask what time it is.
var clockReads = []string{"Now", "Since", "Until"}

// clockWaits are those that wait.
var clockWaits = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Sleep", "Tick"}

// lowRanksArePure: ranks 0 and 1, internal/egress aside, do no I/O, read no clock,
// draw no randomness and start no goroutine.
func lowRanksArePure(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.test || !pure(src.dir) {
			continue
		}
		for _, spec := range src.file.Imports {
			if name := importPath(spec); impure(name) && !headerOnly(src, name) {
				found = append(found, tr.at(spec, "imports %s into a pure package: let the caller hand in what it needs", name))
			}
		}
		src.each(func(node ast.Node) {
			if name, ok := src.selects(node, "time", slices.Concat(clockReads, clockWaits)...); ok {
				found = append(found, tr.at(node, "uses time.%s in a pure package: take the time as a parameter", name))
			}
			if _, ok := node.(*ast.GoStmt); ok {
				found = append(found, tr.at(node, "starts a goroutine in a pure package: goroutines belong to webhook"))
			}
		})
	}
	return found
}

func impure(name string) bool {
	if slices.Contains(pureOfNet, name) || name == "log/slog" {
		return false
	}
	return slices.ContainsFunc(impureImports, func(bad string) bool {
		return name == bad || strings.HasPrefix(name, bad+"/")
	})
}

// headerOnly reports whether src is of webhook/signature and takes nothing from
// net/http but the type that headers are handed over in.
func headerOnly(src source, name string) bool {
	if name != "net/http" || src.dir != "webhook/signature" {
		return false
	}
	only := true
	src.each(func(node ast.Node) {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return
		}
		left, ok := selector.X.(*ast.Ident)
		if ok && left.Name == src.localName(name) && selector.Sel.Name != "Header" {
			only = false
		}
	})
	return only
}

// clockHasAnOwner: the store owns the clock, and webhook measures attempts.
func clockHasAnOwner(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.test || within(src.dir, "webhook", "webhook/webhooktest", "store/", "examples/", "internal/") {
			continue
		}
		src.each(func(node ast.Node) {
			if name, ok := src.selects(node, "time", clockReads...); ok {
				found = append(found, tr.at(node, "uses time.%s: take the time from the store or as a parameter", name))
			}
		})
	}
	return found
}

// strangersAreCalledByEgress: no client but the guarded one of internal/egress can
// be made or borrowed.
func strangersAreCalledByEgress(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.test || within(src.dir, "internal/egress", "webhook/webhooktest", "examples/") {
			continue
		}
		src.each(func(node ast.Node) {
			if what := httpClient(src, node); what != "" {
				found = append(found, tr.at(node, "uses %s, which has no address guard: send through internal/egress", what))
			}
		})
	}
	return found
}

// httpClient returns what node makes or borrows to call others with, or "".
func httpClient(src source, node ast.Node) string {
	if name, ok := src.selects(node, "net/http",
		"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"); ok {
		return "http." + name
	}
	var made ast.Node
	switch n := node.(type) {
	case *ast.CompositeLit:
		made = n.Type
	case *ast.ValueSpec:
		made = n.Type
	case *ast.Field:
		made = n.Type
	case *ast.CallExpr:
		if fun, ok := n.Fun.(*ast.Ident); ok && fun.Name == "new" && len(n.Args) == 1 {
			made = n.Args[0]
		}
	}
	if name, ok := src.selects(made, "net/http", "Client", "Transport"); ok {
		return "http." + name
	}
	return ""
}

// certificatesAreChecked: nothing switches the check off, not even a test.
func certificatesAreChecked(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		src.each(func(node ast.Node) {
			if name, ok := node.(*ast.Ident); ok && name.Name == "InsecureSkipVerify" {
				found = append(found, tr.at(node, "mentions InsecureSkipVerify: add the certificate's issuer to the pool instead"))
			}
		})
	}
	return found
}
