package spec_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spskit/spskit/gen/apispec"
)

// object is a JSON object of the contract.
type object = map[string]any

// document returns the contract as plain JSON, so that the rules see what is
// written, not what a library makes of it.
func document(tb testing.TB) object {
	tb.Helper()
	raw, err := apispec.JSON()
	if err != nil {
		tb.Fatal(err)
	}
	var doc object
	if err := json.Unmarshal(raw, &doc); err != nil {
		tb.Fatal(err)
	}
	return doc
}

// at returns the object that lies below o at the given names; nil if there is
// none.
func at(o object, names ...string) object {
	for _, name := range names {
		o, _ = o[name].(object)
	}
	return o
}

func text(o object, name string) string {
	s, _ := o[name].(string)
	return s
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// operation is an operation with its place, such as "GET /api".
type operation struct {
	place, path, method string
	object
}

func operations(tb testing.TB) []operation {
	tb.Helper()
	var all []operation
	paths := at(document(tb), "paths")
	for _, path := range sorted(paths) {
		item := at(paths, path)
		for _, method := range sorted(item) {
			all = append(all, operation{strings.ToUpper(method) + " " + path, path, method, at(item, method)})
		}
	}
	return all
}

// resolve follows a reference, if o is one.
func resolve(doc, o object) object {
	ref := text(o, "$ref")
	if ref == "" {
		return o
	}
	return at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

func nameOf(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// content is a JSON body that an operation takes or gives.
type content struct {
	place    string // such as "GET /api 200"
	status   string // "" for a request
	schema   string
	examples map[string]any
}

func contents(tb testing.TB) []content {
	tb.Helper()
	doc := document(tb)
	var all []content
	add := func(place, status string, message object) {
		media := at(message, "content", "application/json")
		if media == nil {
			return
		}
		c := content{place: place, status: status, schema: nameOf(text(at(media, "schema"), "$ref")), examples: map[string]any{}}
		if example, ok := media["example"]; ok {
			c.examples["example"] = example
		}
		for name := range at(media, "examples") {
			c.examples[name] = resolve(doc, at(media, "examples", name))["value"]
		}
		all = append(all, c)
	}
	for _, op := range operations(tb) {
		if body := at(op.object, "requestBody"); body != nil {
			add(op.place+" body", "", resolve(doc, body))
		}
		for _, status := range sorted(at(op.object, "responses")) {
			add(op.place+" "+status, status, resolve(doc, at(op.object, "responses", status)))
		}
	}
	return all
}

// walk calls fn for every object below v, v included, with the JSON pointer that
// leads there.
func walk(v any, pointer string, fn func(pointer string, o object)) {
	switch v := v.(type) {
	case object:
		fn(pointer, v)
		for _, name := range sorted(v) {
			walk(v[name], pointer+"/"+strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1"), fn)
		}
	case []any:
		for i := range v {
			walk(v[i], pointer, fn)
		}
	}
}
