package events

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// decodeValue returns b as the validator takes it.
func decodeValue(b []byte, found []Violation) (any, []Violation) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, append(found, Violation{"", err.Error()})
	}
	return tame(value, "", found)
}

// tame replaces numbers that the validator, which computes with fractions of any
// size, cannot take: an exponent of six digits is a megabyte of number.
func tame(value any, pointer string, found []Violation) (any, []Violation) {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			v[key], found = tame(member, pointer+"/"+pointerEscaper.Replace(key), found)
		}
	case []any:
		for i, element := range v {
			v[i], found = tame(element, pointer+"/"+strconv.Itoa(i), found)
		}
	case json.Number:
		if hugeExponent(string(v)) {
			return json.Number("0"), append(found, Violation{pointer, "exponent of more than three digits"})
		}
	}
	return value, found
}

func hugeExponent(number string) bool {
	i := strings.IndexAny(number, "eE")
	return i >= 0 && len(strings.TrimLeft(number[i+1:], "+-0")) > 3
}

// duplicates adds a violation for every key that occurs twice in its object.
func duplicates(b []byte, pointer string, found []Violation) []Violation {
	switch b[0] {
	case '{':
		seen := map[string]bool{}
		for quoted, value := range members(b) {
			key, err := unquote(quoted)
			if err != nil {
				continue
			}
			at := pointer + "/" + pointerEscaper.Replace(key)
			if seen[key] {
				found = append(found, Violation{at, "key occurs twice in its object"})
			}
			seen[key] = true
			found = duplicates(value, at, found)
		}
	case '[':
		i := 0
		for element := range elements(b) {
			found = duplicates(element, pointer+"/"+strconv.Itoa(i), found)
			i++
		}
	}
	return found
}
