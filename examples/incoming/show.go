package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/webhook"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

// patience bounds the wait for the invitations.
const patience = 20 * time.Second

// show sends requests as others would, and shows what becomes of them.
func (h *host) show(ctx context.Context, out io.Writer) error {
	secret := webhook.NewSecret()
	a, err := h.Save(ctx, customers(secret), webhook.SaveOptions{})
	if err != nil {
		return err
	}
	key, _, err := h.IssueKey(ctx, account, a.ID, "Shop")
	if err != nil {
		return err
	}
	requests, err := requestsTo(h.url+"/in/"+a.ID, key.Reveal(), secret)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%q takes requests at %s/in/%s\n", a.Name, h.url, a.ID)
	c := caller{out: out, client: &http.Client{Transport: &http.Transport{}}}
	defer c.client.CloseIdleConnections()
	for _, r := range requests {
		if err := c.call(ctx, r); err != nil {
			return err
		}
	}
	if err := h.follow(ctx, out, a.ID, 3); err != nil {
		return err
	}
	return h.showURLWebhook(ctx, c)
}

// requestsTo returns requests to the customer's automation, as they come from a shop.
func requestsTo(url, key string, secret signature.Secret) ([]request, error) {
	const json = `{"contact":{"email":"%s@example.com","first_name":"%s"},"total":%s}`
	signed := fmt.Sprintf(json, "cem", "Cem", "79.50")
	header, err := sign(secret, "order_1043", signed)
	if err != nil {
		return nil, err
	}
	withKey := func(contentType string, more ...string) []string {
		return append([]string{"Authorization: Bearer " + key, "Content-Type: " + contentType}, more...)
	}
	bob := "contact.email=bob%40example.com&contact.first_name=Bob&total=25"
	return []request{
		{"A test request tells what each field became, and invites nobody", "POST", url + "/test",
			withKey("application/json"), fmt.Sprintf(json, "test", "Test", "30"), `"total"`},
		{"JSON with an API key", "POST", url, withKey("application/json", "Idempotency-Key: order_1041"), fmt.Sprintf(json, "ann", "Ann", "1041.99"), `"accepted"`},
		{"The same again makes no second run", "POST", url, withKey("application/json", "Idempotency-Key: order_1041"), fmt.Sprintf(json, "ann", "Ann", "1041.99"), `"accepted"`},
		{"A form with an API key", "POST", url, withKey("application/x-www-form-urlencoded"), bob, `"accepted"`},
		{"JSON that is signed, without a key", "POST", url, append(header, "Content-Type: application/json"), signed, `"accepted"`},
		{"What the filter does not let through is skipped", "POST", url, withKey("application/json"), fmt.Sprintf(json, "eve", "Eve", "5"), `"skipped"`},
		{"What does not fit is refused", "POST", url, withKey("application/json"), fmt.Sprintf(json, "eve", "Eve", `"much"`), `/total`},
	}, nil
}

// sign returns the header fields of a signed request (Standard Webhooks 1.0).
func sign(secret signature.Secret, id, body string) ([]string, error) {
	signer, err := signature.NewSigner(secret)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	text, err := signer.Sign(id, now, []byte(body))
	if err != nil {
		return nil, err
	}
	return []string{
		signature.HeaderID + ": " + id, fmt.Sprintf("%s: %d", signature.HeaderTimestamp, now.Unix()), signature.HeaderSignature + ": " + text,
	}, nil
}

// follow shows the runs of an automation while they wait, the mails as they arrive, and the runs when all have ended.
func (h *host) follow(ctx context.Context, out io.Writer, id string, want int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := h.table(ctx, out, id, want); err != nil {
		return err
	}
	for range want {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for invitations: %w", ctx.Err())
		case l := <-h.post.mails:
			fmt.Fprintf(out, "\nMail to %s: %s\n\t%s\n", l.to, l.subject, strings.ReplaceAll(strings.TrimSpace(l.text), "\n", "\n\t"))
		}
	}
	for {
		counts, err := h.store.Count(ctx, runs.Filter{Automation: id})
		if err != nil {
			return err
		}
		if counts[runs.Succeeded] == want {
			return h.table(ctx, out, id, want)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the runs to end: %w: %v", ctx.Err(), counts)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// table shows the runs of an automation, oldest first, and reports another number of them.
func (h *host) table(ctx context.Context, out io.Writer, id string, want int) error {
	page, err := h.store.List(ctx, runs.Filter{Automation: id}, "", 100)
	if err != nil {
		return err
	}
	if len(page.Runs) != want {
		return fmt.Errorf("there are %d runs, want %d", len(page.Runs), want)
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "run\tperson\tstatus\tdue in")
	for _, r := range slices.Backward(page.Runs) {
		due := ""
		if !r.Due.IsZero() {
			due = max(0, time.Until(r.Due)).Round(time.Millisecond).String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Respondent.Name(), r.Status, due)
	}
	return w.Flush()
}

// showURLWebhook updates a respondent as a browser does that is sent to an address.
func (h *host) showURLWebhook(ctx context.Context, c caller) error {
	credentials, err := h.EnableURLWebhooks(ctx, account)
	if err != nil {
		return err
	}
	to := h.url + credentials.Path("/webhooks", automation.UpdateRespondent) + "?id_survey=" + survey + "&id_respondent="
	if err := h.showPeople(ctx, c.out, "before"); err != nil {
		return err
	}
	for _, r := range []request{
		{"An address to open in a browser", "GET", to + "17&l1=vip", nil, "", "Respondent has been updated on the survey's mailing list"},
		{"A respondent whom the service does not know", "GET", to + "18&l1=vip", nil, "", `"error"`},
	} {
		if err := c.call(ctx, r); err != nil {
			return err
		}
	}
	if err := h.showPeople(ctx, c.out, "after"); err != nil {
		return err
	}
	list, err := h.people.list(ctx, survey)
	if err != nil {
		return err
	}
	if len(list) != 1 || list[0].labels["l1"] != "vip" || list[0].labels["l2"] != "NL" {
		return fmt.Errorf("the directory has %v: want respondent 17 with l1 vip", list)
	}
	return nil
}

func (h *host) showPeople(ctx context.Context, out io.Writer, when string) error {
	list, err := h.people.list(ctx, survey)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nRespondents of %s %s:\n", survey, when)
	for _, r := range list {
		fmt.Fprintf(out, "\t%s  %s ", r.id, r.email)
		for _, label := range slices.Sorted(maps.Keys(r.labels)) {
			fmt.Fprintf(out, " %s=%s", label, r.labels[label])
		}
		fmt.Fprintln(out)
	}
	return nil
}
