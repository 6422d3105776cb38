package notify

import "net/http"

type sender struct {
	client http.Client
	shared *http.Client
}

func send(url string) {
	http.Get(url)
	http.DefaultClient.Do(nil)
	_ = &http.Transport{}
	_ = http.Client{Transport: http.DefaultTransport}
	_ = new(http.Client)
	var c http.Client
	_ = c
	_ = http.StatusOK
}
