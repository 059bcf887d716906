package config

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spskit/spskit/server/store"
)

// The groups that carry rights.
const (
	groupSearch     = "search"
	groupBasicView  = "basic-view"
	groupBasicWrite = "basic-write"
)

// accessHold is how long the committed groups and rules are taken for true. What
// this process commits counts at once; what another one commits, after this time
// at most.
const accessHold = time.Second

// access is the committed groups and audit data access rules.
type access struct {
	read   time.Time
	commit int64 // how many commits this process had made when they were read
	groups []group
	rules  []rule
}

type group struct {
	Name    string
	Members []string
}

type rule struct {
	Groups []string
	Query  string
}

// GroupRights returns the rights that a user has by being in groups.
func (s *Service) GroupRights(ctx context.Context, user string) (store.Rights, error) {
	a, err := s.currentAccess(ctx)
	if err != nil {
		return store.Rights{}, err
	}
	var rights store.Rights
	for _, g := range a.groups {
		if !slices.Contains(g.Members, user) {
			continue
		}
		switch g.Name {
		case groupSearch:
			rights.Search = true
		case groupBasicView:
			rights.ReadConfig = true
		case groupBasicWrite:
			rights.ReadConfig, rights.EditConfig = true, true
		}
	}
	return rights, nil
}

// AuditQueries returns which recorded sessions a user may see: all of them, or
// those that one of the queries selects. Without any, the user sees none.
func (s *Service) AuditQueries(ctx context.Context, user string, rights store.Rights) (queries []string, all bool, err error) {
	a, err := s.currentAccess(ctx)
	if err != nil {
		return nil, false, err
	}
	belongs := func(name string) bool {
		if name == groupSearch && rights.Search {
			return true
		}
		return slices.ContainsFunc(a.groups, func(g group) bool { return g.Name == name && slices.Contains(g.Members, user) })
	}
	for _, r := range a.rules {
		if !slices.ContainsFunc(r.Groups, belongs) {
			continue
		}
		if q := strings.TrimSpace(r.Query); q == "" || q == "*" || q == "*:*" {
			return nil, true, nil
		}
		queries = append(queries, r.Query)
	}
	return queries, false, nil
}

func (s *Service) currentAccess(ctx context.Context) (*access, error) {
	now, commit := s.now(), s.commits.Load()
	if a := s.access.Load(); a != nil && a.commit == commit {
		if age := now.Sub(a.read); age >= 0 && age < accessHold {
			return a, nil
		}
	}
	a := &access{read: now, commit: commit}
	if err := readAll(ctx, s, groups, &a.groups); err != nil {
		return nil, err
	}
	if err := readAll(ctx, s, auditRules, &a.rules); err != nil {
		return nil, err
	}
	s.access.Store(a)
	return a, nil
}

// readAll decodes the committed items of a collection.
func readAll[T any](ctx context.Context, s *Service, collection string, into *[]T) error {
	n, ok := s.tree.Node(collection)
	if !ok {
		return nil
	}
	items, err := s.items(ctx, store.LoginID{}, n)
	if err != nil {
		return err
	}
	for key, doc := range items {
		var item T
		if err := json.Unmarshal(doc, &item); err != nil {
			return fmt.Errorf("%s/%s: %w", collection, key, err)
		}
		*into = append(*into, item)
	}
	return nil
}
