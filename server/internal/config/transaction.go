package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"

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
// already. It fails with ErrNoLogin when the login has ended, and with a *store.LockedError when the profile allows only one
// transaction and another login has it.
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

// Put replaces the document at path within the login's transaction. Without an
// open transaction the profile decides: it opens one, or fails with
// store.ErrNoTransaction. Before that, a path that is not there is
// store.ErrNotFound, and one that cannot be replaced ErrReadOnly.
func (s *Service) Put(ctx context.Context, login store.LoginID, path string, body []byte) error {
	n, ok := s.tree.Node(path)
	switch {
	case !ok:
		return store.ErrNotFound
	case !n.Writable:
		return ErrReadOnly
	}
	doc, err := canonical(body)
	if err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if !s.profile.ExplicitTransaction {
		if _, err := s.Open(ctx, login); err != nil {
			return err
		}
	}
	// A document that equals the committed one is written all the same: should
	// somebody commit another value meanwhile, the two are in conflict.
	if err := s.store.PutDocument(ctx, login, path, doc); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Changes returns the difference that committing the login's transaction would
// make at this moment, ordered by path; nothing when none is open.
func (s *Service) Changes(ctx context.Context, login store.LoginID) ([]Change, error) {
	var changes []Change
	err := s.eachPending(ctx, login, func(path string, committed, pending []byte) error {
		c, err := diff(path, committed, pending)
		changes = append(changes, c...)
		return err
	})
	return changes, err
}

// Commit makes the changes of the login's transaction everybody's, all or none,
// and ends it; it returns the revision that the configuration then has. That is
// a new one only if the transaction changes something. It fails with
// store.ErrNoTransaction when none is open, and with a *store.ConflictError,
// leaving the transaction open, when a document that it changes was committed
// by somebody else meanwhile.
func (s *Service) Commit(ctx context.Context, login store.LoginID, user, message string) (revision int64, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	changed := false
	err = s.eachPending(ctx, login, func(_ string, committed, pending []byte) error {
		changed = changed || !bytes.Equal(committed, pending)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if changed {
		revision, err = s.store.CommitTransaction(ctx, login, store.Commit{User: user, Message: message, Time: s.now()})
	} else if err = s.store.RollbackTransaction(ctx, login); err == nil {
		// Documents that equal the committed ones are no revision, nor is it a
		// conflict when somebody else committed the same values.
		return s.Revision(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("committing: %w", err)
	}
	return revision, nil
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
func (s *Service) eachPending(ctx context.Context, login store.LoginID, fn func(path string, committed, pending []byte) error) error {
	pending, err := s.store.PendingChanges(ctx, login)
	if err != nil {
		return fmt.Errorf("reading pending changes: %w", err)
	}
	for _, p := range pending {
		n, ok := s.tree.Node(p.Path)
		if !ok { // written by a version that knew it
			n = &Node{Path: p.Path}
		}
		committed, err := s.document(ctx, store.LoginID{}, n)
		if err != nil {
			return err
		}
		if p.Body == nil {
			p.Body = n.Default
		}
		if err := fn(p.Path, committed, p.Body); err != nil {
			return err
		}
	}
	return nil
}
