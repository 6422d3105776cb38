package egress

import "net/http"

var client = &http.Client{}
