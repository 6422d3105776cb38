package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/automation"
	"github.com/tenterhook/tenterhook/webhook"
)

// directory is the service's list of whom a survey is mailed to.
type directory interface {
	webhook.Respondents
	// list returns all respondents of a survey, by id.
	list(ctx context.Context, survey string) ([]respondent, error)
	close() error
}

type respondent struct {
	id, email string
	labels    map[string]string
	called    map[string]time.Time // when the call was taken that set a label
}

// set returns a respondent with the labels of r, but for those that a later call has set: what could not be done is done again after that.
func (p respondent) set(r automation.Respondent) respondent {
	labels, called := map[string]string{}, map[string]time.Time{}
	maps.Copy(labels, p.labels)
	maps.Copy(called, p.called)
	for label, value := range r.Labels {
		if !r.CalledAt.Before(called[label]) {
			labels[label], called[label] = value, r.CalledAt
		}
	}
	p.labels, p.called = labels, called
	return p
}

// openDirectory opens a directory with one respondent in it.
func openDirectory(ctx context.Context, s settings, file string) (directory, error) {
	first := automation.Respondent{Run: "17", Account: account, Survey: survey, Email: "dan@example.com", Labels: map[string]string{"l1": "new", "l2": "NL"}}
	var d directory = &memoryDirectory{people: map[string]respondent{}}
	if !s.memory {
		var err error
		if d, err = openSQLDirectory(ctx, file); err != nil {
			return nil, err
		}
	}
	return d, d.AddRespondent(ctx, first)
}

// check refuses what no directory of this service has, for good: trying again cannot help.
func check(r automation.Respondent) error {
	if r.Account != account || r.Survey != survey {
		return fmt.Errorf("%w: there is no survey %q", automation.ErrRefused, r.Survey)
	}
	return nil
}

func unknown(r automation.Respondent) error {
	return fmt.Errorf("%w: respondent %q is not on the mailing list of survey %q", automation.ErrRefused, r.ID, r.Survey)
}

// memoryDirectory is a directory in memory.
type memoryDirectory struct {
	mu     sync.Mutex
	people map[string]respondent // by id
}

// UpdateRespondent implements [webhook.Respondents].
func (d *memoryDirectory) UpdateRespondent(_ context.Context, r automation.Respondent) error {
	if err := check(r); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	id := cmp.Or(r.ID, r.Run) // of a new one: done again for the same run, it is the same
	p, known := d.people[id]
	if r.ID != "" && !known {
		return unknown(r)
	}
	p.id = id
	d.people[id] = p.set(r)
	return nil
}

// AddRespondent implements [webhook.Respondents].
func (d *memoryDirectory) AddRespondent(_ context.Context, r automation.Respondent) error {
	if err := check(r); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := respondent{id: r.Run, email: r.Email}
	for _, each := range d.people {
		if each.email == r.Email {
			p = each
		}
	}
	d.people[p.id] = p.set(r)
	return nil
}

func (d *memoryDirectory) list(context.Context, string) ([]respondent, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.SortedFunc(maps.Values(d.people), func(a, b respondent) int { return cmp.Compare(a.id, b.id) }), nil
}

func (*memoryDirectory) close() error { return nil }
