package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/store"
)

// URLCredentials are what the URL webhooks of an account are called with. Key and Auth print as ***.
type URLCredentials struct {
	Account string
	Key     APIKey
	Auth    APIKey
	Stored  store.Key // what is kept of them: its Automation and ID revoke them by [Dispatcher.RevokeKey]
}

// Path returns the path of a URL webhook below a prefix such as "/webhooks", to be shown once.
func (c URLCredentials) Path(prefix string, name automation.CallName) string {
	return prefix + "/" + url.PathEscape(c.Account) + "/" + c.Key.Reveal() + "/" + c.Auth.Reveal() + "/" + string(name)
}

// EnableURLWebhooks draws credentials for the URL webhooks of an account (SPEC I8). Those drawn before stay good until they are
// revoked. The calls are runs of one automation of the account's, which is made when there is none; when it is disabled, calls
// are refused. It needs [Options.Respondents] or [Options.Inviter].
func (d *Dispatcher) EnableURLWebhooks(ctx context.Context, account string) (URLCredentials, error) {
	a, err := d.ensureURLWebhooks(ctx, account)
	if err != nil {
		return URLCredentials{}, fmt.Errorf("enable URL webhooks: %w", err)
	}
	c := URLCredentials{Account: account, Key: drawKey(), Auth: drawKey()}
	hash := hashKey(c.Key.Reveal(), c.Auth.Reveal())
	if c.Stored, err = d.putKey(ctx, a, store.Key{Name: a.Name, Hint: c.Auth.hint(), Hash: hash}); err != nil {
		return URLCredentials{}, fmt.Errorf("enable URL webhooks: %w", err)
	}
	return c, nil
}

// ensureURLWebhooks returns the automation that URL webhooks of an account call, made when there is none.
func (d *Dispatcher) ensureURLWebhooks(ctx context.Context, account string) (automation.Automation, error) {
	s, err := d.config.refresh(ctx, account)
	if err != nil {
		return automation.Automation{}, err
	}
	if a := s.urlWebhooks(account); a.ID != "" {
		return a, nil
	}
	_, err = d.Save(ctx, automation.Automation{
		Account: account, Name: "URL webhooks",
		Trigger: automation.Trigger{Incoming: &automation.Incoming{URLWebhooks: true}},
	}, SaveOptions{})
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return automation.Automation{}, err
	}
	if s, err = d.config.refresh(ctx, account); err != nil {
		return automation.Automation{}, err
	}
	if a := s.urlWebhooks(account); a.ID != "" {
		return a, nil
	}
	return automation.Automation{}, fmt.Errorf("the automation was deleted meanwhile: %w: enable them again", store.ErrConflict)
}

// urlWebhooks returns the automation that URL webhooks of an account call; the zero one where there is none.
func (s *snapshot) urlWebhooks(account string) automation.Automation {
	a := s.byID[urlWebhooksID(account)]
	if in := a.Trigger.Incoming; in == nil || !in.URLWebhooks {
		return automation.Automation{}
	}
	return a
}

// urlWebhooksID returns the id of that automation. It is derived, so that an account has one, also when several make it at once:
// of two, the credentials of one would be no good.
func urlWebhooksID(account string) string {
	return "aut_url" + automation.IDEncoding.EncodeToString(hashKey("url", account))[:26]
}
