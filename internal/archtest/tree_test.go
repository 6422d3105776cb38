package archtest

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tree is the source of one module, nested modules and testdata left out.
type tree struct {
	root    string
	fset    *token.FileSet
	sources []source
}

// source is one Go file. Paths are relative to the root, with slashes; dir is
// empty for the root itself.
type source struct {
	path  string
	dir   string
	test  bool
	lines int
	file  *ast.File
}

// violation is one place that breaks a rule; line is 0 where the whole file does.
type violation struct {
	path string
	line int
	text string
}

func (v violation) String() string {
	if v.line == 0 {
		return fmt.Sprintf("%s: %s", v.path, v.text)
	}
	return fmt.Sprintf("%s:%d: %s", v.path, v.line, v.text)
}

// moduleRoot returns the nearest folder above the test that holds go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test: run it inside the module")
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// load parses every Go file of the module at root.
func load(t *testing.T, root string) tree {
	t.Helper()
	tr := tree{root: root, fset: token.NewFileSet()}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return enter(root, name)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		src, err := parse(tr.fset, root, name)
		tr.sources = append(tr.sources, src)
		return err
	})
	if err != nil {
		t.Fatalf("load %s: %v", root, err)
	}
	return tr
}

// enter returns fs.SkipDir for a folder that is not part of the module's source.
func enter(root, name string) error {
	base := filepath.Base(name)
	switch {
	case name == root:
		return nil
	case base == "testdata", base == "node_modules", strings.HasPrefix(base, "."), strings.HasPrefix(base, "_"):
		return fs.SkipDir
	case exists(filepath.Join(name, "go.mod")):
		return fs.SkipDir
	default:
		return nil
	}
}

func parse(fset *token.FileSet, root, name string) (source, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return source{}, err
	}
	rel = filepath.ToSlash(rel)
	file, err := parser.ParseFile(fset, rel, content, parser.ParseComments|parser.SkipObjectResolution)
	return source{
		path:  rel,
		dir:   strings.TrimPrefix(path.Dir(rel), "."),
		test:  strings.HasSuffix(rel, "_test.go"),
		lines: bytes.Count(content, []byte("\n")),
		file:  file,
	}, err
}

// at returns a violation where node begins.
func (tr tree) at(node ast.Node, format string, args ...any) violation {
	pos := tr.fset.Position(node.Pos())
	return violation{path: pos.Filename, line: pos.Line, text: fmt.Sprintf(format, args...)}
}

func sorted(violations []violation) []violation {
	slices.SortFunc(violations, func(a, b violation) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	return violations
}

// importPath returns the path that an import names.
func importPath(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic(err) // the parser has accepted it
	}
	return name
}

// localName returns the name under which src knows the package, "" if it does not.
func (src source) localName(pkg string) string {
	for _, spec := range src.file.Imports {
		if importPath(spec) != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(pkg)
	}
	return ""
}

// selects reports whether node is pkg.name for one of names, and which.
func (src source) selects(node ast.Node, pkg string, names ...string) (name string, ok bool) {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	left, ok := selector.X.(*ast.Ident)
	if !ok || left.Name != src.localName(pkg) || !slices.Contains(names, selector.Sel.Name) {
		return "", false
	}
	return selector.Sel.Name, true
}

// each visits every node of src.
func (src source) each(visit func(ast.Node)) {
	for node := range ast.Preorder(src.file) {
		visit(node)
	}
}
