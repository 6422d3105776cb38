package archtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	exampleFile  = "example_test.go"
	exampleBegin = "// README begins"
	exampleEnd   = "// README ends"
	fence        = "```"
)

// documentsExist: the root has what people look for, and it is not empty.
func documentsExist(tr tree) []violation {
	var found []violation
	for _, name := range documents {
		info, err := os.Stat(filepath.Join(tr.root, name))
		if err != nil || info.Size() == 0 {
			found = append(found, violation{path: name, text: "is missing or empty: hosts and contributors look for it"})
		}
	}
	return found
}

// readmeRuns: the first Go code of README.md is, line for line, what function
// Example of the root's example_test.go has between its two markers, so that what
// people copy is compiled and run.
func readmeRuns(tr tree) []violation {
	shown, err := goBlock(filepath.Join(tr.root, "README.md"))
	if err != nil {
		return []violation{{path: "README.md", text: err.Error()}}
	}
	runs, err := markedExample(filepath.Join(tr.root, exampleFile))
	if err != nil {
		return []violation{{path: exampleFile, text: err.Error()}}
	}
	for i := range max(len(shown), len(runs)) {
		if i >= len(shown) || i >= len(runs) || shown[i] != runs[i] {
			return []violation{{path: "README.md", text: fmt.Sprintf(
				"code line %d is not that of %s (%q against %q): copy the example again", i+1, exampleFile, at(shown, i), at(runs, i))}}
		}
	}
	return nil
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "no line"
}

// goBlock returns the lines of the first fenced Go code of a Markdown file.
func goBlock(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, errors.New("is missing: write it, with Go code that " + exampleFile + " runs")
	}
	_, after, found := strings.Cut(string(content), "\n"+fence+"go\n")
	block, _, closed := strings.Cut(after, "\n"+fence)
	if !found || !closed {
		return nil, errors.New("has no fenced Go code: show the one that " + exampleFile + " runs")
	}
	return strings.Split(block, "\n"), nil
}

// markedExample returns what stands between the markers, moved to the left edge.
func markedExample(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, errors.New("is missing: write func Example with the code that README.md shows")
	}
	_, after, begins := strings.Cut(string(content), exampleBegin+"\n")
	marked, after, ends := strings.Cut(after, exampleEnd+"\n")
	switch {
	case !strings.Contains(string(content), "\nfunc Example() {\n"):
		return nil, errors.New("has no func Example: write it with the code that README.md shows")
	case !begins || !ends:
		return nil, fmt.Errorf("lacks the markers: put %q above the code that README.md shows and %q below", exampleBegin, exampleEnd)
	case !strings.Contains(after, "// Output:"):
		return nil, errors.New("has no output to compare: end func Example with an // Output: comment")
	}
	lines := strings.Split(strings.TrimRight(marked, "\t\n"), "\n")
	edge := len(lines[0]) - len(strings.TrimLeft(lines[0], "\t"))
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, strings.Repeat("\t", edge))
	}
	return lines, nil
}
