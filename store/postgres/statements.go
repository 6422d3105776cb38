package postgres

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/internal/sqlstore"
)

//go:embed queries/*.sql
var queries embed.FS

// scopedReads are the statements that exist once for each scope of a filter.
var scopedReads = []string{"list", "count", "oldest"}

// statements returns all statements for a schema by name.
func statements(schema string) map[string]string {
	texts := map[string]string{}
	names, err := fs.Glob(queries, "queries/*.sql")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		text, err := queries.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		texts[strings.TrimSuffix(path.Base(name), ".sql")] = within(schema, strings.TrimSpace(string(text)))
	}
	for name, text := range texts {
		texts[name] = strings.ReplaceAll(text, "{{filter}}", texts["filter"])
	}
	for _, scope := range sqlstore.Scopes() {
		for _, name := range scopedReads {
			texts[scoped(name, scope)] = strings.ReplaceAll(texts[name], "{{scope}}", texts["scope_"+scope])
		}
	}
	for _, scope := range sqlstore.Scopes() {
		delete(texts, "scope_"+scope)
	}
	for _, name := range scopedReads {
		delete(texts, name)
	}
	delete(texts, "filter")
	return texts
}

// within returns a statement with the tables of another schema than the files name.
func within(schema, text string) string {
	return schemaWord.ReplaceAllLiteralString(text, pgx.Identifier{schema}.Sanitize())
}

var schemaWord = regexp.MustCompile(`\btenterhook\b`)

func scoped(name, scope string) string { return name + " by " + scope }

// text returns a statement.
func (s *Store) text(name string) string {
	text, ok := s.texts[name]
	if !ok {
		panic("no statement " + name) // a misspelt name does not survive the first test
	}
	return text
}
