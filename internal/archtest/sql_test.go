package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// sqlText is what a statement or a part of one has and a message has not: a
// keyword in capitals, or a pair of keywords in any case.
var sqlText = regexp.MustCompile(
	`\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|FROM|WHERE|VALUES|RETURNING|ORDER BY|GROUP BY)\b` +
		`|(?i)\b(select\b.*\bfrom|insert\s+(or\s+\w+\s+)?into|update\s+\S+\s+set|delete\s+from` +
		`|(create|alter|drop)\s+(unique\s+)?(table|index|trigger|view)|order\s+by)\b`)

// sqlLivesInFiles: the stores' Go code has no statement in it; PRAGMA, which is
// configuration, may stay.
func sqlLivesInFiles(tr tree) []violation {
	var found []violation
	for _, src := range tr.sources {
		if src.test || !within(src.dir, "store/", "internal/sqlstore") {
			continue
		}
		src.each(func(node ast.Node) {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || strings.HasPrefix(strings.TrimSpace(text), "PRAGMA") {
				return
			}
			if word := sqlText.FindString(text); word != "" {
				found = append(found, tr.at(literal, "has SQL (%q) in Go: move the statement to the store's .sql files", word))
			}
		})
	}
	return found
}
