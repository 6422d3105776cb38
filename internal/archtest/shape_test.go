package archtest

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

const (
	longestFile     = 400
	longestFunction = 60
)

// emptyNames say nothing about what is inside.
var emptyNames = []string{
	"base", "common", "helper", "helpers", "impl", "manager", "misc", "model", "models",
	"service", "types", "util", "utils",
}

// filesAreShort: a file is one noun or one verb.
func filesAreShort(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.lines > longestFile {
			found = append(found, violation{path: src.path, text: "has more than 400 lines: split it by noun or verb"})
		}
	}
	return found
}

// functionsAreShort: what is longer does more than one thing.
func functionsAreShort(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		for _, decl := range src.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := tr.fset.Position(fn.End()).Line - tr.fset.Position(fn.Pos()).Line + 1
			if lines > longestFunction {
				found = append(found, tr.at(fn, "%s has %d lines, more than %d: name its parts, or move its table out", fn.Name.Name, lines, longestFunction))
			}
		}
	}
	return found
}

// namesSaySomething: no package and no file is a drawer for what is left over.
func namesSaySomething(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		file := strings.TrimSuffix(strings.TrimSuffix(path.Base(src.path), ".go"), "_test")
		pkg := strings.TrimSuffix(src.file.Name.Name, "_test")
		for _, name := range slices.Compact([]string{pkg, file}) {
			if slices.Contains(emptyNames, name) {
				found = append(found, tr.at(src.file.Name, "%q does not say what is inside: name the noun or the verb", name))
			}
		}
	}
	return found
}

// exportsAreDocumented: every exported name of a package that can be imported has
// a comment, its own or its group's.
func exportsAreDocumented(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.test || src.file.Name.Name == "main" {
			continue
		}
		for _, decl := range src.file.Decls {
			for _, name := range undocumented(decl) {
				found = append(found, tr.at(name, "%s has no comment: give its contract in a sentence", name.Name))
			}
		}
	}
	return found
}

// undocumented returns the exported names of decl that no comment belongs to.
func undocumented(decl ast.Decl) []*ast.Ident {
	var names []*ast.Ident
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && exportedReceiver(d) {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		if d.Doc != nil && !d.Lparen.IsValid() {
			return nil
		}
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Doc == nil && s.Comment == nil {
					names = append(names, s.Name)
				}
			case *ast.ValueSpec:
				if s.Doc == nil && s.Comment == nil && d.Doc == nil {
					names = append(names, s.Names...)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name *ast.Ident) bool { return !name.IsExported() })
}

// exportedReceiver reports whether fn is a function, or a method of an exported type.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	receiver := fn.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return true
		}
	}
}
