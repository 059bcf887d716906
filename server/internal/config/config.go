// Package config owns the configuration: the tree of its resources, what a
// login sees of their documents, and the transactions that change them. It
// knows no HTTP, no generated types and no SQL; bodies that it is given have
// been checked against the contract already.
package config

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spskit/spskit/server/store"
)

var (
	// ErrReadOnly says that the resource cannot be replaced, or that nothing can
	// be created or deleted there.
	ErrReadOnly = errors.New("read-only resource")
	// ErrNoLogin says that the login which asks has ended meanwhile.
	ErrNoLogin = errors.New("the login has ended")
	// ErrMessageRequired says that a commit needs a message.
	ErrMessageRequired = errors.New("a commit needs a message")
)

// Service reads and changes the configuration. It is safe for concurrent use.
type Service struct {
	// Accounts lists the names of all who may log in. Nil stands for nobody.
	Accounts func(context.Context) ([]string, error)
	// Hash returns what is stored of a password. Without it none can be.
	Hash func(ctx context.Context, password string) (string, error)
	// AccountsChanged is called when a commit has changed accounts. Nil is fine.
	AccountsChanged func()

	store    store.Configuration
	tree     *Tree
	profile  Profile
	now      func() time.Time
	writing  sync.Mutex // makes one of what takes several steps in the store
	watchers []watcher
	commits  atomic.Int64
	access   atomic.Pointer[access]
}

// New returns a service for the configuration in s, in the shape of tree.
func New(s store.Configuration, tree *Tree, profile Profile, now func() time.Time) *Service {
	return &Service{store: s, tree: tree, profile: profile, now: now}
}

// Tree returns the shape of the configuration.
func (s *Service) Tree() *Tree { return s.tree }

// Document is a document as a login sees it.
type Document struct {
	Path, Key string
	Body      []byte // canonical JSON
	Links     Links
}

// Get returns the document at path, with the pending changes of the login's own
// transaction; store.ErrNotFound when there is none. References to other objects
// are expanded, and secrets left out.
func (s *Service) Get(ctx context.Context, login store.LoginID, p string) (Document, error) {
	n, ok := s.tree.Node(p)
	if !ok || n.Kind != Object && n.Kind != Item {
		return Document{}, store.ErrNotFound
	}
	d := Document{Path: n.Path, Key: n.Key, Links: n.Links}
	if n.Kind == Object {
		var err error
		if d.Body, err = s.object(ctx, login, n); err != nil {
			return Document{}, err
		}
	} else {
		items, err := s.siblings(ctx, login, n)
		if err != nil {
			return Document{}, err
		}
		d.Body, d.Links = items[n.Key], itemLinks(n, items)
	}
	if d.Body == nil {
		return Document{}, store.ErrNotFound
	}
	var err error
	d.Body, err = n.expose(d.Body)
	return d, err
}

// Entry is one line of a list.
type Entry struct {
	Key  string
	Path string
	Body []byte // nil in a category, and in a profile without ListBodies
}

// List returns what is directly below path, ordered by key; store.ErrNotFound
// when path is neither a category nor a collection.
func (s *Service) List(ctx context.Context, login store.LoginID, p string) ([]Entry, error) {
	n, ok := s.tree.Node(p)
	switch {
	case !ok || n.Kind != Category && n.Kind != Collection:
		return nil, store.ErrNotFound
	case n.Kind == Category:
		entries := make([]Entry, len(n.Children))
		for i, child := range n.Children {
			entries[i] = Entry{Key: child.Key, Path: child.Path}
		}
		return entries, nil
	}
	items, err := s.items(ctx, login, n)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(items))
	for _, key := range slices.Sorted(maps.Keys(items)) {
		e := Entry{Key: key, Path: n.Path + "/" + key}
		if s.profile.ListBodies {
			if e.Body, err = n.expose(items[key]); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// object returns what a login sees of an Object, nil when there is nothing. With
// the zero login it is what is committed.
func (s *Service) object(ctx context.Context, login store.LoginID, n *Node) ([]byte, error) {
	doc, err := s.store.Document(ctx, login, n.Path)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return n.Default, nil
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", n.Path, err)
	}
	return n.adapt(doc, n.Default)
}

// items returns what a login sees of a Collection, by key.
func (s *Service) items(ctx context.Context, login store.LoginID, n *Node) (map[string][]byte, error) {
	written, err := s.store.Documents(ctx, login, n.Path)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", n.Path, err)
	}
	items := make(map[string][]byte, len(n.items)+len(written))
	maps.Copy(items, n.items)
	if n.Accounts {
		if err := s.addAccounts(ctx, items); err != nil {
			return nil, err
		}
	}
	for _, d := range written {
		key := path.Base(d.Path)
		if n.Accounts && !d.Pending && (items[key] == nil || d.Body == nil) {
			continue // what is committed is the accounts
		}
		if d.Body == nil {
			delete(items, key)
			continue
		}
		if items[key], err = n.adapt(d.Body, n.template()); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// siblings returns the items of the collection that an item is in.
func (s *Service) siblings(ctx context.Context, login store.LoginID, item *Node) (map[string][]byte, error) {
	return s.items(ctx, login, s.tree.nodes[item.Links.Parent])
}

// itemLinks are the links of an item that is among items.
func itemLinks(n *Node, items map[string][]byte) Links {
	keys := slices.Sorted(maps.Keys(items))
	i, found := slices.BinarySearch(keys, n.Key)
	if !found {
		return Links{Parent: n.Links.Parent}
	}
	for i := range keys {
		keys[i] = n.Links.Parent + "/" + keys[i]
	}
	return linksAt(keys, i, n.Links.Parent)
}

// Revision returns the newest committed revision, 0 at the beginning.
func (s *Service) Revision(ctx context.Context) (int64, error) {
	revision, err := s.store.Revision(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading revision: %w", err)
	}
	return revision, nil
}
