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

// The kinds. An Item is not in the table: it comes from a collection's default,
// or somebody created it.
const (
	Category   Kind = iota // lists its children
	Object                 // has a document
	Collection             // lists items
	Item                   // has a document, and a collection for a parent
)

// Resource is one row of the table that a tree is made of.
type Resource struct {
	Path string
	Kind Kind
	// Writable says that an Object may be replaced, and that items of a
	// Collection may be created, replaced and deleted.
	Writable bool
	Schema   string // the contract's name for the document, or for those of a collection's items
	// Default is the JSON that counts until something is written: an Object's
	// document, or a Collection's built-in items by key. An Object without one
	// does not exist until it is written.
	Default []byte
	// Since and Until are the first and the last version of the appliance that
	// has the row; zero for no bound. A path may have one row for each generation.
	Since, Until Version
	// Rules are what the contract cannot say about the documents.
	Rules
}

// Rules are what a document has to meet beyond its schema.
type Rules struct {
	// Members are all that a document has in this generation, where others have
	// more or fewer: each has to be there, and nothing else. Nil for no such rule.
	Members []string
	// Optional are further members that may be there.
	Optional   []string
	References []Reference
	// UniqueName says that no two items of the collection have the same name.
	UniqueName bool
	// Secret says that nobody may see the documents.
	Secret bool
	// Accounts says that the items are the accounts of those who may log in.
	Accounts bool
	// Check looks for anything else; nil for nothing.
	Check func(document map[string]any) []Violation
}

// Reference says that a member of a document is the key of an item elsewhere.
type Reference struct {
	Member     []string // names that lead to it; "*" stands for each element of a list
	Collection string   // path of the collection that the key belongs to
	Exclusive  bool     // no two documents may have the same key
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
	Links    Links  // not for an Item, whose siblings come and go
	Children []*Node
	Rules

	items map[string][]byte // default documents of a Collection by key
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
		case parent.Kind == Category:
			n.Links.Parent = parent.Path
			parent.Children = append(parent.Children, n)
		default:
			return nil, fmt.Errorf("configuration resource %s: its parent cannot have it", n.Path)
		}
		for _, r := range n.References {
			if target := t.nodes[r.Collection]; target == nil || target.Kind != Collection {
				return nil, fmt.Errorf("configuration resource %s: it refers to %s, which is no collection", n.Path, r.Collection)
			}
		}
	}
	if len(roots) == 0 {
		return nil, errors.New("a configuration tree without a root")
	}
	for _, root := range roots {
		link([]*Node{root})
	}
	for _, n := range t.nodes {
		link(n.Children)
	}
	return t, nil
}

// Node returns the node at a path, which has no slash at its end. Below a
// collection every key has a node, whether or not there is such an item.
func (t *Tree) Node(p string) (*Node, bool) {
	if n, ok := t.nodes[p]; ok {
		return n, true
	}
	parent, ok := t.nodes[path.Dir(p)]
	if !ok || parent.Kind != Collection {
		return nil, false
	}
	return parent.item(path.Base(p)), true
}

// Collections calls fn for each collection, ordered by path.
func (t *Tree) Collections(fn func(*Node) error) error {
	var all []*Node
	for _, n := range t.nodes {
		if n.Kind == Collection {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *Node) int { return strings.Compare(a.Path, b.Path) })
	for _, n := range all {
		if err := fn(n); err != nil {
			return err
		}
	}
	return nil
}

// item returns the node of a collection's item.
func (n *Node) item(key string) *Node {
	return &Node{
		Path: n.Path + "/" + key, Key: key, Kind: Item, Writable: n.Writable, Schema: n.Schema,
		Default: n.items[key], Rules: n.Rules, Links: Links{Parent: n.Path},
	}
}

func (t *Tree) add(r Resource) error {
	if path.Clean(r.Path) != r.Path || !path.IsAbs(r.Path) || strings.Contains(r.Path, "#") {
		return errors.New("its path is not clean and absolute")
	}
	if _, ok := t.nodes[r.Path]; ok {
		return errors.New("it is there twice")
	}
	if r.Writable && r.Kind != Object && r.Kind != Collection {
		return errors.New("only an object or a collection is writable")
	}
	n := &Node{Path: r.Path, Key: path.Base(r.Path), Kind: r.Kind, Writable: r.Writable, Schema: r.Schema, Rules: r.Rules}
	t.nodes[r.Path] = n
	switch {
	case r.Default == nil:
		return nil
	case r.Kind == Collection:
		return n.addItems(r.Default)
	case r.Kind != Object:
		return errors.New("it cannot have a default")
	}
	var err error
	n.Default, err = canonical(r.Default)
	return err
}

func (n *Node) addItems(documents []byte) error {
	var items map[string]json.RawMessage
	if err := json.Unmarshal(documents, &items); err != nil {
		return fmt.Errorf("its items: %w", err)
	}
	n.items = make(map[string][]byte, len(items))
	for key, body := range items {
		if key == "" || strings.ContainsAny(key, "/#") {
			return fmt.Errorf("an item has the key %q", key)
		}
		doc, err := canonical(body)
		if err != nil {
			return fmt.Errorf("its item %s: %w", key, err)
		}
		n.items[key] = doc
	}
	return nil
}

// link orders siblings by key and links them to each other.
func link(siblings []*Node) {
	slices.SortFunc(siblings, func(a, b *Node) int { return strings.Compare(a.Key, b.Key) })
	paths := make([]string, len(siblings))
	for i, n := range siblings {
		paths[i] = n.Path
	}
	for i, n := range siblings {
		n.Links = linksAt(paths, i, n.Links.Parent)
	}
}

// linksAt are the links of the sibling at index i.
func linksAt(siblings []string, i int, parent string) Links {
	l := Links{First: siblings[0], Last: siblings[len(siblings)-1], Parent: parent}
	if i > 0 {
		l.Previous = siblings[i-1]
	}
	if i+1 < len(siblings) {
		l.Next = siblings[i+1]
	}
	return l
}
