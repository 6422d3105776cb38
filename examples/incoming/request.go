package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// request is one of somebody else's to the service.
type request struct {
	what        string
	method, url string
	header      []string // "Name: value"
	body        string
	want        string // in the answer
}

// curl returns the command that sends the request.
func (r request) curl() string {
	var b strings.Builder
	b.WriteString("curl " + quoted(r.url))
	for _, field := range r.header {
		b.WriteString(" -H " + quoted(field))
	}
	if r.body != "" {
		b.WriteString(" -d " + quoted(r.body))
	}
	return b.String()
}

// quoted returns text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// caller sends requests and shows them.
type caller struct {
	out    io.Writer
	client *http.Client
}

// call sends a request and reports an answer that is not the wanted one.
func (c caller) call(ctx context.Context, r request) error {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, strings.NewReader(r.body))
	if err != nil {
		return err
	}
	for _, field := range r.header {
		name, value, _ := strings.Cut(field, ": ")
		req.Header.Set(name, value)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\n%s:\n\t%s\n\t%d %s\n", r.what, r.curl(), resp.StatusCode, strings.TrimSpace(string(answer)))
	if !strings.Contains(string(answer), r.want) {
		return fmt.Errorf("%s: answered %d %s, want %s in it", strings.ToLower(r.what), resp.StatusCode, answer, r.want)
	}
	return nil
}
