package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// template is a default document of a collection, to complete others from.
func (n *Node) template() []byte {
	if len(n.items) == 0 {
		return nil
	}
	return n.items[slices.Min(slices.Collect(maps.Keys(n.items)))]
}

// adapt brings a document that another generation of the appliance wrote into the
// form of this one: members that this one does not have are left out, and those
// that are missing are taken from the default. What is stored stays as it is
// until somebody writes it.
func (n *Node) adapt(doc, fallback []byte) ([]byte, error) {
	if n.Members == nil {
		return doc, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		return nil, fmt.Errorf("document of %s: %w", n.Path, err)
	}
	fits := true
	for name := range members {
		if !slices.Contains(n.Members, name) && !slices.Contains(n.Optional, name) {
			delete(members, name)
			fits = false
		}
	}
	var defaults map[string]json.RawMessage
	for _, name := range n.Members {
		if members[name] != nil {
			continue
		}
		fits = false
		if defaults == nil {
			if err := json.Unmarshal(fallback, &defaults); err != nil {
				return nil, fmt.Errorf("default of %s: %w", n.Path, err)
			}
		}
		members[name] = defaults[name]
	}
	if fits {
		return doc, nil
	}
	return encode(members)
}

// expose is what clients get to see of a stored document.
func (n *Node) expose(doc []byte) ([]byte, error) {
	switch {
	case n.Secret:
		return []byte("{}"), nil
	case len(n.References) == 0:
		return doc, nil
	}
	v, err := decode(doc)
	if err != nil {
		return nil, err
	}
	for _, r := range n.References {
		r.each(v, func(at place) {
			at.parent[at.name] = map[string]any{
				"key": at.key, "meta": map[string]any{"href": r.Collection + "/" + at.key},
			}
		})
	}
	return encode(v)
}

// place is where a document has a reference.
type place struct {
	parent  map[string]any
	name    string // of the member of parent
	key     string // that it refers to
	pointer string // JSON pointer
}

// each calls fn for each place where a document has the reference.
func (r *Reference) each(document any, fn func(place)) {
	var follow func(v any, names []string, pointer string)
	follow = func(v any, names []string, pointer string) {
		switch v := v.(type) {
		case map[string]any:
			next := pointer + "/" + escape(names[0])
			if len(names) > 1 {
				follow(v[names[0]], names[1:], next)
			} else if key, ok := v[names[0]].(string); ok {
				fn(place{v, names[0], key, next})
			}
		case []any:
			for i, element := range v {
				if names[0] == "*" && len(names) > 1 {
					follow(element, names[1:], fmt.Sprintf("%s/%d", pointer, i))
				}
			}
		}
	}
	follow(document, r.Member, "")
}
