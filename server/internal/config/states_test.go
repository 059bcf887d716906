package config_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/store"
)

// The state diagram. In each state of ann's transaction, each action leads to a
// state, or to an error and no other state. A state is written as what there is
// to see: ann's transaction, the level she reads, the level that everybody
// reads, how many revisions there were since the beginning, how many changes
// her log holds.
func TestTransactionStates(t *testing.T) {
	type row struct {
		profile string
		from    string
		action  string
		err     error
		want    string
	}
	tests := []row{
		// 6.0: a transaction is opened first, and locks everybody else out.
		{"6.0", "closed", "open", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"6.0", "closed", "put 7", store.ErrNoTransaction, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "closed", "commit", store.ErrNoTransaction, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "closed", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},

		{"6.0", "open", "open", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"6.0", "open", "put 7", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"6.0", "open", "put 4", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"6.0", "open", "commit", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "open", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},

		{"6.0", "changed", "open", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"6.0", "changed", "put 8", nil, "open own=8 all=4 revisions=0 changes=1"},
		{"6.0", "changed", "put 4", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"6.0", "changed", "commit", nil, "closed own=7 all=7 revisions=1 changes=0"},
		{"6.0", "changed", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},

		{"6.0", "changed back", "put 7", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"6.0", "changed back", "commit", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "changed back", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},

		{"6.0", "other open", "open", store.ErrLocked, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "other open", "put 7", store.ErrNoTransaction, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "other open", "commit", store.ErrNoTransaction, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "other open", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"6.0", "open", "other opens", store.ErrLocked, "open own=4 all=4 revisions=0 changes=0"},
		{"6.0", "changed", "other puts 9", store.ErrNoTransaction, "open own=7 all=4 revisions=0 changes=1"},

		// 8.0: the first write opens one, and those of several logins meet at
		// commit.
		{"8.0", "closed", "open", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"8.0", "closed", "put 7", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"8.0", "closed", "put 4", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"8.0", "closed", "commit", store.ErrNoTransaction, "closed own=4 all=4 revisions=0 changes=0"},
		{"8.0", "closed", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"8.0", "closed", "other commits 9", nil, "closed own=9 all=9 revisions=1 changes=0"},

		{"8.0", "open", "open", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"8.0", "open", "put 7", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"8.0", "open", "commit", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"8.0", "open", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"8.0", "open", "other opens", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"8.0", "open", "other commits 9", nil, "open own=9 all=9 revisions=1 changes=0"},

		{"8.0", "changed", "put 8", nil, "open own=8 all=4 revisions=0 changes=1"},
		{"8.0", "changed", "put 4", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"8.0", "changed", "commit", nil, "closed own=7 all=7 revisions=1 changes=0"},
		{"8.0", "changed", "rollback", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"8.0", "changed", "other puts 9", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"8.0", "changed", "other commits 9", nil, "open own=7 all=9 revisions=1 changes=1"},
		{"8.0", "changed", "other commits 7", nil, "open own=7 all=7 revisions=1 changes=0"},

		{"8.0", "changed back", "put 7", nil, "open own=7 all=4 revisions=0 changes=1"},
		{"8.0", "changed back", "commit", nil, "closed own=4 all=4 revisions=0 changes=0"},
		{"8.0", "changed back", "other commits 9", nil, "open own=4 all=9 revisions=1 changes=1"},

		{"8.0", "other open", "open", nil, "open own=4 all=4 revisions=0 changes=0"},
		{"8.0", "other open", "put 7", nil, "open own=7 all=4 revisions=0 changes=1"},

		{"8.0", "overtaken", "put 8", nil, "open own=8 all=9 revisions=1 changes=1"},
		{"8.0", "overtaken", "put 9", nil, "open own=9 all=9 revisions=1 changes=0"},
		{"8.0", "overtaken", "commit", store.ErrConflict, "open own=7 all=9 revisions=1 changes=1"},
		{"8.0", "overtaken", "rollback", nil, "closed own=9 all=9 revisions=1 changes=0"},

		{"8.0", "back, overtaken", "commit", store.ErrConflict, "open own=4 all=9 revisions=1 changes=1"},
		{"8.0", "agreed", "commit", nil, "closed own=7 all=7 revisions=1 changes=0"},
	}
	states := map[string][]string{
		"closed":          nil,
		"open":            {"open"},
		"changed":         {"open", "put 7"},
		"changed back":    {"open", "put 7", "put 4"},
		"other open":      {"other opens"},
		"overtaken":       {"put 7", "other commits 9"},
		"back, overtaken": {"put 7", "put 4", "other commits 9"},
		"agreed":          {"put 7", "other commits 7"},
	}
	s := newStore(t)
	tree := newTree(t, len(tests)) // an object for each test
	for i, tt := range tests {
		t.Run(fmt.Sprintf("%s/%s/%s", tt.profile, tt.from, tt.action), func(t *testing.T) {
			path := fmt.Sprint("/c/", i)
			svc := config.New(s, tree, profile(t, tt.profile), clock)
			before, err := s.Revision(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				for _, who := range []store.LoginID{ann, bob} {
					if err := svc.Rollback(context.Background(), who); err != nil {
						t.Error(err)
					}
				}
			}()
			for _, a := range states[tt.from] {
				if err := act(svc, path, a); err != nil {
					t.Fatalf("%s: %v", a, err)
				}
			}
			if err := act(svc, path, tt.action); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if got := state(t, s, svc, path, before); got != tt.want {
				t.Errorf("state %q\n want %q", got, tt.want)
			}
		})
	}
}

// act does what the words say, and is ann unless they say other.
func act(svc *config.Service, path, words string) error {
	ctx := context.Background()
	put := func(who store.LoginID, format string) error {
		var level int
		if _, err := fmt.Sscanf(words, format, &level); err != nil {
			return err
		}
		return svc.Put(ctx, who, path, fmt.Appendf(nil, `{"level": %d}`, level))
	}
	switch words {
	case "open":
		_, err := svc.Open(ctx, ann)
		return err
	case "other opens":
		_, err := svc.Open(ctx, bob)
		return err
	case "commit":
		_, err := svc.Commit(ctx, ann, "ann", "why")
		return err
	case "rollback":
		return svc.Rollback(ctx, ann)
	case "other puts 9":
		return put(bob, "other puts %d")
	case "other commits 7", "other commits 9":
		if err := put(bob, "other commits %d"); err != nil {
			return err
		}
		_, err := svc.Commit(ctx, bob, "bob", "why")
		return err
	}
	return put(ann, "put %d")
}

func state(t *testing.T, s store.Store, svc *config.Service, path string, before int64) string {
	t.Helper()
	ctx := t.Context()
	level := func(who store.LoginID) int {
		doc, err := svc.Get(ctx, who, path)
		if err != nil {
			t.Fatal(err)
		}
		var v struct{ Level int }
		if err := json.Unmarshal(doc.Body, &v); err != nil {
			t.Fatal(err)
		}
		return v.Level
	}
	tx, open, err := svc.Transaction(ctx, ann)
	if err != nil {
		t.Fatal(err)
	}
	name := "closed"
	if open {
		name = "open"
		if tx.Login != ann || !tx.OpenedAt.Equal(clock()) {
			t.Errorf("transaction %+v", tx)
		}
	}
	changes, err := svc.Changes(ctx, ann)
	if err != nil {
		t.Fatal(err)
	}
	now, err := s.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s own=%d all=%d revisions=%d changes=%d",
		name, level(ann), level(store.LoginID{}), now-before, len(changes))
}
