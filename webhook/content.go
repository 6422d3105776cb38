package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/events"
)

// maxParameters bounds those of a form or query.
const maxParameters = 1000

// content returns what the body of a request holds.
func content(h http.Header, body []byte) (automation.Request, error) {
	if err := checkCoding(h); err != nil {
		return automation.Request{}, err
	}
	kind, err := mediaType(h)
	if err != nil {
		return automation.Request{}, err
	}
	if kind == formContent {
		values, err := parameters(string(body))
		return automation.Request{Values: values}, err
	}
	return automation.Request{JSON: body}, checkJSON(body)
}

const (
	formContent = "application/x-www-form-urlencoded"
	jsonContent = "application/json"
)

// checkCoding refuses a body that is compressed.
func checkCoding(h http.Header) error {
	if coding := h.Get("Content-Encoding"); coding == "" || strings.EqualFold(coding, "identity") {
		return nil
	}
	e := refuse(http.StatusUnsupportedMediaType, "the body is compressed: send it as it is, without Content-Encoding")
	e.header = http.Header{"Accept-Encoding": {"identity"}} // tells it from a type that is not taken (RFC 9110, section 12.5.3)
	return e
}

// mediaType returns formContent or jsonContent, which all of application/…+json is too.
func mediaType(h http.Header) (string, error) {
	values := h.Values("Content-Type")
	if len(values) != 1 {
		return "", unsupported("the request has %d headers Content-Type", len(values))
	}
	kind, params, err := mime.ParseMediaType(values[0])
	if err != nil {
		return "", unsupported("the header Content-Type is malformed")
	}
	switch charset := strings.ToLower(params["charset"]); charset {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return "", unsupported("its charset is not utf-8")
	}
	switch {
	case kind == formContent:
		return formContent, nil
	case kind == jsonContent, strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"):
		return jsonContent, nil
	}
	return "", unsupported("its content type is not taken")
}

func unsupported(format string, args ...any) *refusal {
	e := refuse(http.StatusUnsupportedMediaType, fmt.Sprintf(format, args...)+": send application/json or "+formContent+" in UTF-8")
	e.header = http.Header{"Accept": {jsonContent + ", " + formContent}}
	return e
}

// checkJSON refuses what is not JSON, and what readers of JSON understand differently.
func checkJSON(body []byte) error {
	switch {
	case len(body) == 0:
		return refuse(http.StatusBadRequest, "the body is empty: send data")
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return refuse(http.StatusBadRequest, "the body begins with a byte order mark: send JSON without (RFC 8259, section 8.1)")
	case isWide(body):
		return refuse(http.StatusBadRequest, "the body is UTF-16 or UTF-32: send JSON in UTF-8 (RFC 8259, section 8.1)")
	}
	e, ok := errors.AsType[*events.DecodeError](events.CheckJSON(body))
	switch {
	case !ok:
		return nil
	case e.Pointer == "":
		return refuse(http.StatusBadRequest, "the body "+e.Problem+": send one JSON text (RFC 8259)")
	}
	return unprocessable([]Misfit{{e.Pointer, e.Problem}})
}

// isWide tells texts in units of 16 or 32 bits: their byte order mark, or a zero byte in what has to be ASCII.
func isWide(body []byte) bool {
	return bytes.HasPrefix(body, []byte("\xfe\xff")) || bytes.HasPrefix(body, []byte("\xff\xfe")) ||
		bytes.IndexByte(body[:min(2, len(body))], 0) >= 0
}

// parameters returns those of a form or query (WHATWG URL, "application/x-www-form-urlencoded parsing"; but what that
// replaces is refused).
func parameters(text string) (url.Values, error) {
	if strings.Count(text, "&") >= maxParameters {
		return nil, refuse(http.StatusBadRequest, fmt.Sprintf("there are more than %d parameters: send fewer", maxParameters))
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the parameters are malformed: join them with & and write ; and % as %3B and %25")
	}
	for name, list := range values {
		for _, text := range append(list, name) {
			if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
				return nil, refuse(http.StatusBadRequest, "a parameter is no text in UTF-8, or holds a zero byte: mend its encoding")
			}
		}
	}
	return values, nil
}
