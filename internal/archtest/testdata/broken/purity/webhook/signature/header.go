package signature

import "net/http"

func fine(h http.Header) string { return h.Get("webhook-id") }
