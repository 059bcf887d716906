// Package config owns the configuration: the tree of its resources, what a
// login sees of their documents, and the transactions that change them. It
// knows no HTTP, no generated types and no SQL; bodies that it is given have
// been checked against the contract already.
package config

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spskit/spskit/server/store"
)

var (
	// ErrReadOnly says that the resource cannot be replaced.
	ErrReadOnly = errors.New("read-only resource")
	// ErrNoLogin says that the login which asks has ended meanwhile.
	ErrNoLogin = errors.New("the login has ended")
)

// Service reads and changes the configuration. It is safe for concurrent use.
type Service struct {
	store   store.Configuration
	tree    *Tree
	profile Profile
	now     func() time.Time
	writing sync.Mutex // makes one of what takes several steps in the store
}

// New returns a service for the configuration in s, in the shape of tree.
func New(s store.Configuration, tree *Tree, profile Profile, now func() time.Time) *Service {
	return &Service{store: s, tree: tree, profile: profile, now: now}
}

// Tree returns the shape of the configuration.
func (s *Service) Tree() *Tree { return s.tree }

// Get returns the document at path as canonical JSON, with the pending changes
// of the login's own transaction; store.ErrNotFound when there is none.
func (s *Service) Get(ctx context.Context, login store.LoginID, path string) ([]byte, error) {
	n, ok := s.tree.Node(path)
	if !ok || n.Kind != Object && n.Kind != Item {
		return nil, store.ErrNotFound
	}
	doc, err := s.document(ctx, login, n)
	if err == nil && doc == nil {
		err = store.ErrNotFound
	}
	return doc, err
}

// Entry is one line of a list.
type Entry struct {
	Key  string
	Path string
	Body []byte // nil in a category, and in a profile without ListBodies
}

// List returns what is directly below path, ordered by key; store.ErrNotFound
// when path is neither a category nor a collection.
func (s *Service) List(ctx context.Context, login store.LoginID, path string) ([]Entry, error) {
	n, ok := s.tree.Node(path)
	if !ok || n.Kind != Category && n.Kind != Collection {
		return nil, store.ErrNotFound
	}
	entries := make([]Entry, len(n.Children))
	for i, child := range n.Children {
		entries[i] = Entry{Key: child.Key, Path: child.Path}
		if n.Kind != Collection || !s.profile.ListBodies {
			continue
		}
		doc, err := s.document(ctx, login, child)
		if err != nil {
			return nil, err
		}
		entries[i].Body = doc
	}
	return entries, nil
}

// document returns what a login sees at n, nil when there is nothing. With the
// zero login it is what is committed.
func (s *Service) document(ctx context.Context, login store.LoginID, n *Node) ([]byte, error) {
	doc, err := s.store.Document(ctx, login, n.Path)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return n.Default, nil
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", n.Path, err)
	}
	return doc, nil
}

// Revision returns the newest committed revision, 0 at the beginning.
func (s *Service) Revision(ctx context.Context) (int64, error) {
	revision, err := s.store.Revision(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading revision: %w", err)
	}
	return revision, nil
}
