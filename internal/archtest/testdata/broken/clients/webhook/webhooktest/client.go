package webhooktest

import "net/http"

var client = &http.Client{}
