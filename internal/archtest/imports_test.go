package archtest

import (
	"path"
	"slices"
	"strings"
)

// importsPointDown: an import of the module goes to a lower rank, and both ends
// are in the table. Tests may import what they like, test support included.
func importsPointDown(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if _, known := rankOf(src.dir); !known && src.dir != "" && !within(src.dir, testSupport...) {
			found = append(found, tr.at(src.file.Name, "package %s is not in the table of ranks: add it there, and to CONTRIBUTING.md", src.dir))
			continue
		}
		for _, spec := range src.file.Imports {
			to, ours := strings.CutPrefix(importPath(spec), module)
			if !ours || to != "" && to[0] != '/' {
				continue
			}
			if why := crossing(src, strings.TrimPrefix(to, "/")); why != "" {
				found = append(found, tr.at(spec, "%s", why))
			}
		}
	}
	return found
}

// crossing says why src must not import the module's folder to, or "".
func crossing(src source, to string) string {
	support := within(to, testSupport...)
	rank, known := rankOf(to)
	own, _ := rankOf(src.dir)
	switch {
	case !known && !support:
		return "imports " + quoted(to) + ", which is not in the table of ranks: add it there"
	case src.test || within(src.dir, testSupport...):
		return ""
	case support:
		return "imports " + quoted(to) + ", which is for tests only: move the code that needs it into a test"
	case src.dir == "":
		return "imports " + quoted(to) + " into the root package, which holds documentation only"
	case slices.Contains(sideways[src.dir], to):
		return ""
	case rank >= own:
		return "imports " + quoted(to) + ", which is no lower in the table of ranks: let it be handed in, or move the shared part down"
	default:
		return ""
	}
}

func quoted(dir string) string {
	if dir == "" {
		return "the root package"
	}
	return dir
}

// dependenciesStayHome: a driver is imported by its own folder only, and by the hosts
// among the examples, so that hosts build what they use, and webhook/signature needs nothing but the standard library.
func dependenciesStayHome(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.test {
			continue
		}
		for _, spec := range src.file.Imports {
			name := importPath(spec)
			for driver, home := range drivers {
				if strings.HasPrefix(name, driver) && src.dir != home && !within(src.dir, "examples/") {
					found = append(found, tr.at(spec, "imports %s, which belongs to %s: every host would build it", name, home))
				}
			}
			if src.dir == "webhook/signature" && strings.Contains(strings.Split(name, "/")[0], ".") {
				found = append(found, tr.at(spec, "imports %s: receivers import this package alone, keep to the standard library", name))
			}
		}
	}
	return found
}

// foldersAreListed: the root has the folders of the table, and doc.go for code.
func foldersAreListed(tr tree) []violation {
	var found []violation
	seen := make(map[string]bool)
	for _, src := range tr.sources {
		top, _, _ := strings.Cut(src.dir, "/")
		switch {
		case top != "" && !slices.Contains(topFolders, top) && !seen[top]:
			seen[top] = true
			found = append(found, violation{path: top, text: "is no folder of the picture: move its code to the package that it belongs to"})
		case top == "" && !src.test && path.Base(src.path) != "doc.go":
			found = append(found, violation{path: src.path, text: "is code in the root package, which holds doc.go and examples: move it to a package"})
		}
	}
	return found
}
