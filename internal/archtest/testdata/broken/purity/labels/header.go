package labels

import "net/http"

func impure(h http.Header) string { return h.Get("label") }
