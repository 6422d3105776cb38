package signature

import "net/http"

func impure(r *http.Request) http.Header { return r.Header }
