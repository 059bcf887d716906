package config

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// Violation is one place where a document is wrong.
type Violation struct {
	Path   string // JSON pointer
	Reason string
}

// InvalidError says what is wrong with a document that fits the contract.
type InvalidError struct{ Violations []Violation }

func (e *InvalidError) Error() string {
	return fmt.Sprintf("invalid document: %s: %s", e.Violations[0].Path, e.Violations[0].Reason)
}

// prepare checks a document, and returns what is to be stored of it. others are
// the items of the collection as the login sees them.
func (s *Service) prepare(ctx context.Context, login store.LoginID, n *Node, body []byte, others map[string][]byte) ([]byte, error) {
	v, err := decode(body)
	if err != nil {
		return nil, err
	}
	document, ok := v.(map[string]any)
	if !ok {
		return nil, &InvalidError{[]Violation{{"", "this is no object"}}}
	}
	violations := n.checkMembers(document)
	if n.Check != nil {
		violations = append(violations, n.Check(document)...)
	}
	if n.Accounts {
		violations = append(violations, checkAccount(n, document)...)
	}
	if n.UniqueName && nameTaken(n.Key, nameOf(v), others) {
		violations = append(violations, Violation{"/name", "another object has this name"})
	}
	dangling, err := s.checkReferences(ctx, login, n, document, others)
	if err != nil {
		return nil, err
	}
	if violations = append(violations, dangling...); len(violations) > 0 {
		return nil, &InvalidError{violations}
	}
	if n.Secret {
		return s.seal(ctx, document)
	}
	return encode(v)
}

// checkMembers looks for members that this generation has not, and for those that
// it misses.
func (n *Node) checkMembers(document map[string]any) []Violation {
	if n.Members == nil {
		return nil
	}
	var violations []Violation
	for _, name := range slices.Sorted(maps.Keys(document)) {
		if !slices.Contains(n.Members, name) && !slices.Contains(n.Optional, name) {
			violations = append(violations, Violation{"/" + escape(name), "appliances of this version have no such member"})
		}
	}
	for _, name := range n.Members {
		if _, ok := document[name]; !ok {
			violations = append(violations, Violation{"/" + escape(name), "the member is missing"})
		}
	}
	return violations
}

func nameOf(document any) string {
	members, _ := document.(map[string]any)
	name, _ := members["name"].(string)
	return name
}

func nameTaken(key, name string, others map[string][]byte) bool {
	for other, doc := range others {
		if v, err := decode(doc); err == nil && other != key && nameOf(v) == name {
			return true
		}
	}
	return false
}

// checkReferences looks for references that lead nowhere, or that another
// document has for itself.
func (s *Service) checkReferences(
	ctx context.Context, login store.LoginID, n *Node, document map[string]any, others map[string][]byte,
) (violations []Violation, err error) {
	for _, r := range n.References {
		var targets map[string][]byte
		r.each(document, func(at place) {
			if err != nil {
				return
			}
			if targets == nil {
				if targets, err = s.items(ctx, login, s.tree.nodes[r.Collection]); err != nil {
					return
				}
			}
			switch {
			case targets[at.key] == nil:
				violations = append(violations, Violation{at.pointer, "there is no such object in " + r.Collection})
			case r.Exclusive && r.usedBy(at.key, n.Key, others):
				violations = append(violations, Violation{at.pointer, "another object refers to it already"})
			}
		})
	}
	return violations, err
}

// usedBy reports whether a document other than that of except refers to key.
func (r *Reference) usedBy(key, except string, documents map[string][]byte) bool {
	used := false
	for other, doc := range documents {
		if v, err := decode(doc); err == nil && other != except {
			r.each(v, func(at place) { used = used || at.key == key })
		}
	}
	return used
}

// referrers returns the paths of the items that refer to n, as a login sees them.
func (s *Service) referrers(ctx context.Context, login store.LoginID, n *Node) ([]string, error) {
	var paths []string
	err := s.tree.Collections(func(c *Node) error {
		for _, r := range c.References {
			if r.Collection != n.Links.Parent {
				continue
			}
			items, err := s.items(ctx, login, c)
			if err != nil {
				return err
			}
			for _, key := range slices.Sorted(maps.Keys(items)) {
				if r.usedBy(n.Key, "", map[string][]byte{key: items[key]}) {
					paths = append(paths, c.Path+"/"+key)
				}
			}
		}
		return nil
	})
	return paths, err
}

// mustHang fails with a *store.ConflictError when what a transaction is about to
// commit does not go together with what others committed since it was checked: a
// reference that leads nowhere any more, or a name that is taken.
func (s *Service) mustHang(ctx context.Context, login store.LoginID, changed map[string][]byte) error {
	return s.tree.Collections(func(c *Node) error {
		if len(c.References) == 0 && !c.UniqueName || !concerns(c, changed) {
			return nil
		}
		items, err := s.items(ctx, login, c)
		if err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(items)) {
			v, err := decode(items[key])
			if err != nil {
				return err
			}
			document, _ := v.(map[string]any)
			dangling, err := s.checkReferences(ctx, login, c.item(key), document, items)
			if err != nil {
				return err
			}
			if len(dangling) > 0 || c.UniqueName && nameTaken(key, nameOf(v), items) {
				return &store.ConflictError{Path: c.Path + "/" + key}
			}
		}
		return nil
	})
}

// concerns reports whether any of the changes is in the collection, or in one
// that it refers to.
func concerns(c *Node, changed map[string][]byte) bool {
	for p := range changed {
		parent := path.Dir(p)
		if parent == c.Path || slices.ContainsFunc(c.References, func(r Reference) bool { return r.Collection == parent }) {
			return true
		}
	}
	return false
}

// checkGroup looks for members who are named twice.
func checkGroup(document map[string]any) []Violation {
	members, _ := document["members"].([]any)
	seen := make(map[any]bool, len(members))
	var violations []Violation
	for i, name := range members {
		if seen[name] {
			violations = append(violations, Violation{fmt.Sprintf("/members/%d", i), "the group has this member already"})
		}
		seen[name] = true
	}
	return violations
}

// checkTimes looks for stretches that end before they begin. The contract sees to
// it that times compare like text.
func checkTimes(document map[string]any) []Violation {
	var violations []Violation
	days, _ := document["days"].(map[string]any)
	for _, day := range slices.Sorted(maps.Keys(days)) {
		ranges, _ := days[day].([]any)
		for i, r := range ranges {
			r, _ := r.(map[string]any)
			from, _ := r["from"].(string)
			if to, _ := r["to"].(string); to <= from {
				violations = append(violations, Violation{fmt.Sprintf("/days/%s/%d/to", day, i), "it ends before it begins"})
			}
		}
	}
	return violations
}

// checkRule looks at the query of an audit data access rule.
func checkRule(document map[string]any) []Violation {
	q, _ := document["query"].(string)
	e, err := query.Parse(q, time.Unix(0, 0)) // any time will do to see whether it can be understood
	switch {
	case err != nil:
		return []Violation{{"/query", err.Error()}}
	case query.Expands(e):
		// Too many words may fit, of which the user could not be told.
		return []Violation{{"/query", "a rule has no patterns and no similar words for content, prefixes apart"}}
	default:
		return nil
	}
}

// equal compares documents, nil for none.
func equal(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
