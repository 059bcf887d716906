package config

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/store"
)

// NotDeletableError says why an item cannot be deleted: it is built in, or the
// objects whose paths it names refer to it.
type NotDeletableError struct {
	Path       string
	References []string
}

func (e *NotDeletableError) Error() string { return "not deletable: " + e.Path }

// Put replaces the document at path within the login's transaction. Without an
// open transaction the profile decides: it opens one, or fails with
// store.ErrNoTransaction. A path that is not there is store.ErrNotFound, one that
// cannot be replaced ErrReadOnly, and a document that is wrong a *InvalidError.
func (s *Service) Put(ctx context.Context, login store.LoginID, path string, body []byte) error {
	n, ok := s.tree.Node(path)
	switch {
	case !ok:
		return store.ErrNotFound
	case !n.Writable || n.Kind == Collection || n.Secret:
		return ErrReadOnly
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mayWrite(ctx, login); err != nil {
		return err
	}
	var others map[string][]byte
	if n.Kind == Item {
		var err error
		if others, err = s.siblings(ctx, login, n); err != nil {
			return err
		}
		if others[n.Key] == nil {
			return store.ErrNotFound
		}
	}
	doc, err := s.prepare(ctx, login, n, body, others)
	if err != nil {
		return err
	}
	return s.write(ctx, login, n, doc)
}

// Create adds an item to the collection at path, as Put writes one, and returns
// its path.
func (s *Service) Create(ctx context.Context, login store.LoginID, path string, body []byte) (string, error) {
	parent, ok := s.tree.Node(path)
	switch {
	case !ok:
		return "", store.ErrNotFound
	case !parent.Writable || parent.Kind != Collection:
		return "", ErrReadOnly
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mayWrite(ctx, login); err != nil {
		return "", err
	}
	others, err := s.items(ctx, login, parent)
	if err != nil {
		return "", err
	}
	key, err := parent.newKey(body)
	if err != nil {
		return "", err
	}
	n := parent.item(key)
	doc, err := s.prepare(ctx, login, n, body, others)
	if err != nil {
		return "", err
	}
	return n.Path, s.write(ctx, login, n, doc)
}

// Delete removes the item at path within the login's transaction, and returns the
// links that it had. It fails with a *NotDeletableError, and otherwise as Put does.
func (s *Service) Delete(ctx context.Context, login store.LoginID, path string) (Links, error) {
	n, ok := s.tree.Node(path)
	switch {
	case !ok:
		return Links{}, store.ErrNotFound
	case !n.Writable || n.Kind != Item:
		return Links{}, ErrReadOnly
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mayWrite(ctx, login); err != nil {
		return Links{}, err
	}
	items, err := s.siblings(ctx, login, n)
	if err != nil {
		return Links{}, err
	}
	switch {
	case items[n.Key] == nil:
		return Links{}, store.ErrNotFound
	case n.builtIn():
		return Links{}, &NotDeletableError{Path: n.Path, References: []string{}}
	}
	referrers, err := s.referrers(ctx, login, n)
	if err != nil {
		return Links{}, err
	}
	if len(referrers) > 0 {
		return Links{}, &NotDeletableError{Path: n.Path, References: referrers}
	}
	return itemLinks(n, items), s.write(ctx, login, n, nil)
}

// builtIn reports whether an item came with the appliance.
func (n *Node) builtIn() bool {
	return strings.HasPrefix(n.Key, "-") || n.Accounts && n.Key == accountKey(firstAccount)
}

// mayWrite fails with store.ErrNoTransaction where writing needs an open
// transaction and the login has none.
func (s *Service) mayWrite(ctx context.Context, login store.LoginID) error {
	if !s.profile.ExplicitTransaction {
		return nil
	}
	_, open, err := s.Transaction(ctx, login)
	if err == nil && !open {
		err = store.ErrNoTransaction
	}
	return err
}

// write puts a document, or nil to delete it, into the login's transaction, which
// it opens if the profile says so.
func (s *Service) write(ctx context.Context, login store.LoginID, n *Node, doc []byte) error {
	if !s.profile.ExplicitTransaction {
		if _, err := s.Open(ctx, login); err != nil {
			return err
		}
	}
	// A document that equals the committed one is written all the same: should
	// somebody commit another value meanwhile, the two are in conflict.
	if err := s.store.PutDocument(ctx, login, n.Path, doc); err != nil {
		return fmt.Errorf("writing %s: %w", n.Path, err)
	}
	return nil
}

// newKey makes up the key of a new item, in the form that appliances give them.
func (n *Node) newKey(body []byte) (string, error) {
	if n.Accounts {
		v, err := decode(body)
		if err != nil {
			return "", err
		}
		return accountKey(nameOf(v)), nil
	}
	var random [11]byte
	_, _ = rand.Read(random[:]) // it never fails
	return hex.EncodeToString(random[:]), nil
}
