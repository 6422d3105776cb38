package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenterhook/tenterhook/store"
)

// Labels implements [store.Surveys].
func (s *Store) Labels(ctx context.Context, account, survey string) (store.SurveyLabels, error) {
	out := store.SurveyLabels{Account: account, Survey: survey}
	err := s.read(ctx, fmt.Sprintf("read labels of survey %q", survey), func(ctx context.Context) error {
		found, err := rows(ctx, s, s.pool, "labels_get", readLabels, []string{searchable(account)}, []string{searchable(survey)})
		if len(found) > 0 {
			out = found[0]
		}
		return err
	})
	return out, err
}

// SetLabels implements [store.Surveys].
func (s *Store) SetLabels(ctx context.Context, surveys []store.SurveyLabels) error {
	var accounts, ids, docs []string
	for _, each := range surveys {
		doc, err := json.Marshal(each.Labels)
		if err != nil {
			return fmt.Errorf("save labels: %w", err)
		}
		accounts, ids, docs = append(accounts, each.Account), append(ids, each.Survey), append(docs, string(doc))
	}
	return s.tx(ctx, "save labels", func(ctx context.Context, tx pgx.Tx) error {
		last, _, err := s.version(ctx, tx, len(surveys))
		if err != nil {
			return err
		}
		found, err := rows(ctx, s, tx, "labels_get", readLabels, accounts, ids)
		if err != nil {
			return err
		}
		old := map[[2]string]int64{}
		for _, l := range found {
			old[[2]string{l.Account, l.Survey}] = l.Version
		}
		versions := make([]int64, len(surveys))
		for i, each := range surveys {
			key := [2]string{each.Account, each.Survey}
			if each.Version != old[key] {
				return fmt.Errorf("labels of survey %q: %w: read them again and repeat the change", each.Survey, store.ErrConflict)
			}
			versions[i] = last - int64(len(surveys)-1-i)
			old[key] = versions[i]
		}
		_, err = s.exec(ctx, tx, "labels_put", accounts, ids, versions, docs)
		return err
	})
}
