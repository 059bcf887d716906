package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Kind says what a node of the tree is.
type Kind int

// The kinds. An Item is not in the table: its collection's default holds it.
const (
	Category   Kind = iota // lists its children
	Object                 // has a document
	Collection             // lists items
	Item                   // has a document, and a collection for a parent
)

// Resource is one row of the table that a tree is made of.
type Resource struct {
	Path     string
	Kind     Kind
	Writable bool   // an Object that may be replaced
	Schema   string // the contract's name for the document, or for those of a collection's items
	// Default is the JSON that counts until something is written: an Object's
	// document, or a Collection's built-in items by key. An Object without one
	// does not exist until it is written.
	Default []byte
}

// Links lead from a node to its parent and its siblings, which are ordered by
// key. They are empty where there is nothing to lead to.
type Links struct {
	First, Last, Next, Previous, Parent string
}

// Node is one place in the tree.
type Node struct {
	Path     string
	Key      string // the last element of Path
	Kind     Kind
	Writable bool
	Schema   string // empty for a Category
	Default  []byte // canonical JSON; nil when there is no default document
	Links    Links
	Children []*Node // ordered by key
}

// Tree is the shape of a configuration. It never changes.
type Tree struct{ nodes map[string]*Node }

// NewTree makes a tree of the rows, whose order does not matter. It fails when
// they do not hang together.
func NewTree(rows []Resource) (*Tree, error) {
	t := &Tree{nodes: make(map[string]*Node, len(rows))}
	for _, r := range rows {
		if err := t.add(r); err != nil {
			return nil, fmt.Errorf("configuration resource %s: %w", r.Path, err)
		}
	}
	var roots []*Node
	for _, n := range t.nodes {
		parent, ok := t.nodes[path.Dir(n.Path)]
		switch {
		case !ok:
			roots = append(roots, n)
		case parent.Kind == Category, parent.Kind == Collection && n.Kind == Item:
			n.Links.Parent = parent.Path
			parent.Children = append(parent.Children, n)
		default:
			return nil, fmt.Errorf("configuration resource %s: its parent cannot have it", n.Path)
		}
	}
	if len(roots) != 1 {
		return nil, fmt.Errorf("a configuration tree with %d roots", len(roots))
	}
	link(roots)
	for _, n := range t.nodes {
		link(n.Children)
	}
	return t, nil
}

// Node returns the node at a path, which has no slash at its end.
func (t *Tree) Node(path string) (*Node, bool) {
	n, ok := t.nodes[path]
	return n, ok
}

func (t *Tree) add(r Resource) error {
	if path.Clean(r.Path) != r.Path || !path.IsAbs(r.Path) || strings.Contains(r.Path, "#") {
		return errors.New("its path is not clean and absolute")
	}
	if _, ok := t.nodes[r.Path]; ok {
		return errors.New("it is there twice")
	}
	if r.Writable && r.Kind != Object {
		return errors.New("only an object is writable")
	}
	n := &Node{Path: r.Path, Key: path.Base(r.Path), Kind: r.Kind, Writable: r.Writable, Schema: r.Schema}
	t.nodes[r.Path] = n
	switch {
	case r.Default == nil:
		return nil
	case r.Kind == Collection:
		return t.addItems(r)
	case r.Kind != Object:
		return errors.New("it cannot have a default")
	}
	var err error
	n.Default, err = canonical(r.Default)
	return err
}

func (t *Tree) addItems(r Resource) error {
	var items map[string]json.RawMessage
	if err := json.Unmarshal(r.Default, &items); err != nil {
		return fmt.Errorf("its items: %w", err)
	}
	for key, body := range items {
		if key == "" || strings.ContainsAny(key, "/#") {
			return fmt.Errorf("an item has the key %q", key)
		}
		doc, err := canonical(body)
		if err != nil {
			return fmt.Errorf("its item %s: %w", key, err)
		}
		p := r.Path + "/" + key
		t.nodes[p] = &Node{Path: p, Key: key, Kind: Item, Schema: r.Schema, Default: doc}
	}
	return nil
}

// link orders siblings by key and links them to each other.
func link(siblings []*Node) {
	slices.SortFunc(siblings, func(a, b *Node) int { return strings.Compare(a.Key, b.Key) })
	for i, n := range siblings {
		n.Links.First = siblings[0].Path
		n.Links.Last = siblings[len(siblings)-1].Path
		if i > 0 {
			n.Links.Previous = siblings[i-1].Path
		}
		if i+1 < len(siblings) {
			n.Links.Next = siblings[i+1].Path
		}
	}
}
