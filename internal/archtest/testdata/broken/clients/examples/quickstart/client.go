package main

import "net/http"

var client = &http.Client{}
