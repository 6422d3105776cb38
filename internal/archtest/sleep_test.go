package archtest

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
)

// testsSleepInBubbles: time.Sleep in a test stands inside a function given to
// synctest.Test, or in a function of the tests that is called from there only.
func testsSleepInBubbles(tr tree) []violation {
	byDir := make(map[string][]source)
	for _, src := range tr.sources {
		if src.test {
			byDir[src.dir] = append(byDir[src.dir], src)
		}
	}
	var found []violation
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		outside := callersOutside(byDir[dir])
		for _, src := range byDir[dir] {
			found = append(found, sleeps(tr, src, outside)...)
		}
	}
	return found
}

func sleeps(tr tree, src source, outside map[string]bool) []violation {
	var found []violation
	bubbles := bubblesOf(src)
	for _, decl := range src.file.Decls {
		fn, isFunc := decl.(*ast.FuncDecl)
		if isFunc && !outside[fn.Name.Name] {
			continue
		}
		for node := range ast.Preorder(decl) {
			if _, ok := src.selects(node, "time", "Sleep"); ok && !bubbles.hold(node) {
				found = append(found, tr.at(node, "sleeps outside a synctest bubble: wait for the condition, or wrap the test in synctest.Test"))
			}
		}
	}
	return found
}

// callersOutside returns the names of the functions that can run outside a bubble:
// tests, what nobody calls, and what one of those calls outside its bubbles. Names
// stand for functions, so two methods of one name are judged together.
func callersOutside(files []source) map[string]bool {
	callers := make(map[string]map[string]bool) // by callee, the functions that mention it outside a bubble
	declared := make(map[string]bool)
	mentioned := make(map[string]bool)
	for _, src := range files {
		bubbles := bubblesOf(src)
		for _, decl := range src.file.Decls {
			caller := ""
			fn, isFunc := decl.(*ast.FuncDecl)
			if isFunc {
				caller = fn.Name.Name
				declared[caller] = true
			}
			for node := range ast.Preorder(decl) {
				name, ok := node.(*ast.Ident)
				if !ok || isFunc && name == fn.Name {
					continue
				}
				mentioned[name.Name] = true
				if !bubbles.hold(node) {
					if callers[name.Name] == nil {
						callers[name.Name] = make(map[string]bool)
					}
					callers[name.Name][caller] = true
				}
			}
		}
	}
	outside := map[string]bool{"": true}
	for grown := true; grown; {
		grown = false
		for name := range declared {
			runs := !mentioned[name] || slices.ContainsFunc(slices.Collect(maps.Keys(callers[name])),
				func(caller string) bool { return outside[caller] })
			if runs && !outside[name] {
				outside[name], grown = true, true
			}
		}
	}
	return outside
}

// spans are the stretches of a file that run inside a bubble.
type spans [][2]token.Pos

func (s spans) hold(node ast.Node) bool {
	return slices.ContainsFunc(s, func(span [2]token.Pos) bool {
		return span[0] <= node.Pos() && node.End() <= span[1]
	})
}

// bubblesOf returns the second argument of each call of synctest.Test.
func bubblesOf(src source) spans {
	var found spans
	src.each(func(node ast.Node) {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return
		}
		if _, ok := src.selects(call.Fun, "testing/synctest", "Test"); ok {
			found = append(found, [2]token.Pos{call.Args[1].Pos(), call.Args[1].End()})
		}
	})
	return found
}
