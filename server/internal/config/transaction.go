package config

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/store"
)

// Transaction returns the login's transaction, and whether it has one open.
func (s *Service) Transaction(ctx context.Context, login store.LoginID) (t store.Transaction, open bool, err error) {
	t, err = s.store.Transaction(ctx, login)
	switch {
	case errors.Is(err, store.ErrNoTransaction):
		return store.Transaction{}, false, nil
	case err != nil:
		return store.Transaction{}, false, fmt.Errorf("reading transaction: %w", err)
	}
	return t, true, nil
}

// Open opens a transaction for the login, and says false when it has one
// already. It fails with ErrNoLogin when the login has ended, and with a
// *store.LockedError when the profile allows only one transaction and another
// login has it.
func (s *Service) Open(ctx context.Context, login store.LoginID) (opened bool, err error) {
	_, opened, err = s.store.OpenTransaction(ctx, login, s.now(), s.profile.ExclusiveTransaction)
	if errors.Is(err, store.ErrNotFound) {
		return false, ErrNoLogin
	}
	if err != nil {
		return false, fmt.Errorf("opening transaction: %w", err)
	}
	return opened, nil
}

// Changes returns the difference that committing the login's transaction would
// make at this moment, ordered by path; nothing when none is open.
func (s *Service) Changes(ctx context.Context, login store.LoginID) ([]Change, error) {
	var changes []Change
	err := s.eachPending(ctx, login, func(n *Node, committed, pending []byte) error {
		if n.Secret { // that there is one is all that may be known
			committed, pending = hide(committed), hide(pending)
		}
		c, err := diff(n.Path, committed, pending)
		changes = append(changes, c...)
		return err
	})
	return changes, err
}

// Commit makes the changes of the login's transaction everybody's, all or none,
// and ends it; it returns the revision that the configuration then has. That is
// a new one only if the transaction changes something. It fails with
// store.ErrNoTransaction when none is open, with ErrMessageRequired when there is
// no message and the configuration asks for one, and with a *store.ConflictError,
// leaving the transaction open, when a document that it changes was committed
// by somebody else meanwhile, or cannot be any more.
func (s *Service) Commit(ctx context.Context, login store.LoginID, user, message string) (revision int64, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, open, err := s.Transaction(ctx, login); err != nil || !open {
		return 0, cmp.Or(err, fmt.Errorf("committing: %w", store.ErrNoTransaction))
	}
	switch required, err := s.CommitMessageRequired(ctx); {
	case err != nil:
		return 0, err
	case required && strings.TrimSpace(message) == "":
		return 0, ErrMessageRequired
	}
	changed := map[string][]byte{}
	err = s.eachPending(ctx, login, func(n *Node, committed, pending []byte) error {
		if !equal(committed, pending) {
			changed[n.Path] = pending
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if len(changed) == 0 {
		// Documents that equal the committed ones are no revision, nor is it a
		// conflict when somebody else committed the same values.
		if err := s.store.RollbackTransaction(ctx, login); err != nil {
			return 0, fmt.Errorf("committing: %w", err)
		}
		return s.Revision(ctx)
	}
	if err := s.mustHang(ctx, login, changed); err != nil {
		return 0, err
	}
	accounts, err := s.accountChanges(ctx, login, changed)
	if err != nil {
		return 0, err
	}
	c := store.Commit{User: user, Message: message, Time: s.now(), Accounts: accounts}
	if revision, err = s.store.CommitTransaction(ctx, login, c); err != nil {
		return 0, fmt.Errorf("committing: %w", err)
	}
	s.commits.Add(1)
	if len(accounts) > 0 && s.AccountsChanged != nil {
		s.AccountsChanged()
	}
	return revision, s.tellWatchers(changed)
}

// CommitMessageRequired reports whether a commit needs a message.
func (s *Service) CommitMessageRequired(ctx context.Context) (bool, error) {
	n, ok := s.tree.Node(accounting)
	if !ok {
		return false, nil
	}
	doc, err := s.object(ctx, store.LoginID{}, n)
	if err != nil {
		return false, err
	}
	var settings struct {
		Required bool `json:"require_commitlog"`
	}
	if err := json.Unmarshal(doc, &settings); err != nil {
		return false, fmt.Errorf("%s: %w", accounting, err)
	}
	return settings.Required, nil
}

// Rollback drops the login's transaction, if it has one.
func (s *Service) Rollback(ctx context.Context, login store.LoginID) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	err := s.store.RollbackTransaction(ctx, login)
	if err != nil && !errors.Is(err, store.ErrNoTransaction) {
		return fmt.Errorf("rolling back: %w", err)
	}
	return nil
}

// eachPending calls fn, in the order of paths, for each document that the
// login's transaction wrote, with what is committed and what is to become of
// it; nil stands for no document.
func (s *Service) eachPending(ctx context.Context, login store.LoginID, fn func(n *Node, committed, pending []byte) error) error {
	pending, err := s.store.PendingChanges(ctx, login)
	if err != nil {
		return fmt.Errorf("reading pending changes: %w", err)
	}
	for _, p := range pending {
		n, ok := s.tree.Node(p.Path)
		if !ok { // written by a version that knew it
			n = &Node{Path: p.Path, Kind: Object}
		}
		var committed []byte
		if n.Kind == Item {
			items, err := s.siblings(ctx, store.LoginID{}, n)
			if err != nil {
				return err
			}
			committed = items[n.Key]
		} else {
			if committed, err = s.object(ctx, store.LoginID{}, n); err != nil {
				return err
			}
			if p.Body == nil {
				p.Body = n.Default
			}
		}
		if err := fn(n, committed, p.Body); err != nil {
			return err
		}
	}
	return nil
}

// hide leaves of a secret document that there is one.
func hide(doc []byte) []byte {
	if doc == nil {
		return nil
	}
	return []byte("{}")
}

// watcher wants to know the committed document of an object.
type watcher struct {
	path string
	fn   func(document []byte) error
}

// Watch calls fn with the committed document of the object at path, now and after
// each commit that changes it. It must not be called any more once there is
// anybody who commits.
func (s *Service) Watch(ctx context.Context, path string, fn func(document []byte) error) error {
	n, ok := s.tree.Node(path)
	if !ok || n.Kind != Object {
		return store.ErrNotFound
	}
	doc, err := s.object(ctx, store.LoginID{}, n)
	if err != nil {
		return err
	}
	s.watchers = append(s.watchers, watcher{path, fn})
	return fn(doc)
}

func (s *Service) tellWatchers(changed map[string][]byte) error {
	var failed []error
	for _, w := range s.watchers {
		if doc, ok := changed[w.path]; ok {
			failed = append(failed, w.fn(doc))
		}
	}
	return errors.Join(failed...)
}
