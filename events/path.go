package events

import (
	"encoding/json"
	"strings"
)

// Paths name values within objects: the keys on the way joined by dots, a dot or a
// backslash within a key preceded by a backslash. They do not lead into arrays.

var pathEscaper = strings.NewReplacer(`\`, `\\`, `.`, `\.`)

func joinPath(path, key string) string {
	if strings.ContainsAny(key, `\.`) {
		key = pathEscaper.Replace(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// cutPath returns the first key of path and whether there is more.
func cutPath(path string) (key, rest string, more bool) {
	i := strings.IndexAny(path, `\.`)
	if i < 0 {
		return path, "", false
	}
	if path[i] == '.' {
		return path[:i], path[i+1:], true
	}
	var b strings.Builder
	for i = 0; i < len(path) && path[i] != '.'; i++ {
		if path[i] == '\\' && i+1 < len(path) {
			i++
		}
		b.WriteByte(path[i])
	}
	if i == len(path) {
		return b.String(), "", false
	}
	return b.String(), path[i+1:], true
}

// Find returns the value at path, such as "contact.fields.first_name", in data, a
// JSON text as [Event.EncodeData] returns it. Of a key that occurs twice the last
// counts. Dots and backslashes within a key are preceded by a backslash in path.
func Find(data json.RawMessage, path string) (json.RawMessage, bool) {
	value := trim(data)
	for more := true; more; {
		var key string
		key, path, more = cutPath(path)
		next, ok := member(value, key)
		if !ok {
			return nil, false
		}
		value = next
	}
	return value, true
}

// member returns the last member of that key in value, if that is an object.
func member(value []byte, key string) ([]byte, bool) {
	var found []byte
	if len(value) == 0 || value[0] != '{' {
		return nil, false
	}
	for quoted, v := range members(value) {
		if keyIs(quoted, key) {
			found = v
		}
	}
	return found, found != nil
}

func keyIs(quoted []byte, key string) bool {
	if len(quoted) == len(key)+2 && string(quoted[1:len(quoted)-1]) == key {
		return !strings.Contains(key, `\`)
	}
	text, err := unquote(quoted)
	return err == nil && text == key
}
