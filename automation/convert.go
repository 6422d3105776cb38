package automation

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// kind is what a value is in JSON, as people are told.
type kind string

func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	}
	return "an object"
}

// wanted says what a field of a type takes.
func (t FieldType) wanted() string {
	switch t {
	case TypeText:
		return "a text, number or boolean"
	case TypeNumber:
		return "a number, or a text that is one, as 12.5"
	case TypeBoolean:
		return "true or false"
	case TypeDate:
		return "a date as 2026-03-14 or a time as 2026-03-14T09:26:53Z"
	case TypeEmail:
		return "one e-mail address in ASCII, as name@example.com"
	case TypeList:
		return "a list of texts, numbers and booleans"
	}
	return "nothing: its type is not known"
}

// convert returns what v, which is not null, becomes in a field of type t; ok is false where it would have to be guessed. The
// table of it is in the package's documentation.
func (t FieldType) convert(v any) (converted any, ok bool) {
	text, isText := v.(string)
	switch t {
	case TypeText:
		return asPlainText(v)
	case TypeNumber:
		if isText && isNumber(text) {
			return json.Number(text), true
		}
		_, ok = v.(json.Number)
		return v, ok
	case TypeBoolean:
		if text == "true" || text == "false" {
			return text == "true", true
		}
		_, ok = v.(bool)
		return v, ok
	case TypeDate:
		return v, isText && isDate(text)
	case TypeEmail:
		return v, isText && isMailbox(text)
	case TypeList:
		items, isList := v.([]any)
		return v, isList && len(items) <= MaxItems && strangeItem(items) < 0
	}
	return nil, false
}

// asPlainText returns the text of a scalar: of a number its digits as they came, of a boolean true or false.
func asPlainText(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, !strings.Contains(v, nul)
	case json.Number:
		return string(v), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return nil, false
}

// strangeItem returns the place of the first item that a list of a field cannot have; -1 where there is none.
func strangeItem(items []any) int {
	for i, item := range items {
		if _, ok := asPlainText(item); !ok {
			return i
		}
	}
	return -1
}

// numberPattern is the grammar of a JSON number (RFC 8259 section 6).
const numberPattern = `^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "-0123456789.eE+") == "" && json.Valid([]byte(text))
}

// isDate takes a full-date or a date-time.
func isDate(text string) bool { return isFullDate(text) || isDateTime(text) }

// isFullDate takes a full-date of RFC 3339 section 5.6.
func isFullDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil && len(text) == len(time.DateOnly)
}

// isDateTime takes a date-time of RFC 3339 section 5.6, T and Z in capitals. Package time is more lenient: with the hour, with a
// comma for the fraction and with the offset.
func isDateTime(text string) bool {
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		return false
	}
	offset := text[len(text)-len("+00:00"):]
	return text[len("2006-01-02T15")] == ':' && text[len("2006-01-02T15:04:05")] != ',' &&
		(text[len(text)-1] == 'Z' || offset[1:3] <= "23" && offset[4:] <= "59")
}

// encode returns v as JSON, without the escapes that only HTML needs.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return nil // it is made of what JSON was read from
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
