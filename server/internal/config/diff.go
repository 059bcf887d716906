package config

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ChangeType says what happened to a value.
type ChangeType string

// The types of change.
const (
	Create  ChangeType = "create"
	Replace ChangeType = "replace"
	Delete  ChangeType = "delete"
)

// Change is one entry of a transaction's change log.
type Change struct {
	Type ChangeType
	// Path is a document's path, and for a change within the document a
	// fragment with the names of the members that lead to it:
	// "/api/configuration/vnc/options#audit/cleanup/enabled". Within a name,
	// "~0" stands for "~" and "~1" for "/".
	Path string
	Old  json.RawMessage // nil for Create
	New  json.RawMessage // nil for Delete
}

// diff returns what turns one document into another, ordered by member names;
// nil stands for no document. Objects are compared member by member, anything
// else as a whole, and a member that comes or goes is one change.
func diff(path string, from, to []byte) ([]Change, error) {
	var d differ
	switch {
	case from == nil && to == nil:
		return nil, nil
	case from == nil:
		d.add(Create, path, nil, json.RawMessage(to))
		return d.changes, d.err
	case to == nil:
		d.add(Delete, path, json.RawMessage(from), nil)
		return d.changes, d.err
	}
	before, err := decode(from)
	if err != nil {
		return nil, err
	}
	after, err := decode(to)
	if err != nil {
		return nil, err
	}
	d.compare(path, "#", before, after)
	return d.changes, d.err
}

type differ struct {
	changes []Change
	err     error // the first that occurred
}

// compare adds the changes between two values at path; separator goes between
// path and the name of a member.
func (d *differ) compare(path, separator string, from, to any) {
	before, ok := from.(map[string]any)
	after, both := to.(map[string]any)
	if !ok || !both {
		if !reflect.DeepEqual(from, to) {
			d.add(Replace, path, from, to)
		}
		return
	}
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		member := path + separator + escape(name)
		was, had := before[name]
		is, has := after[name]
		switch {
		case !had:
			d.add(Create, member, nil, is)
		case !has:
			d.add(Delete, member, was, nil)
		default:
			d.compare(member, "/", was, is)
		}
	}
}

func (d *differ) add(t ChangeType, path string, from, to any) {
	c := Change{Type: t, Path: path}
	if t != Create {
		c.Old = d.encode(from)
	}
	if t != Delete {
		c.New = d.encode(to)
	}
	d.changes = append(d.changes, c)
}

func (d *differ) encode(v any) []byte {
	b, err := encode(v)
	if err != nil && d.err == nil {
		d.err = err
	}
	return b
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

func escape(name string) string { return escapes.Replace(name) }
