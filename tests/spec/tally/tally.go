// Package tally counts how certain the contract is: it lists everything that the
// contract states, with the evidence that it gives or inherits. It judges nothing;
// the tests of tests/spec do.
package tally

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spskit/spskit/gen/apispec"
)

// Evidence holds the words of x-evidence, the most certain first.
var Evidence = []string{"documented", "client", "assumed"}

// Statement is one thing that the contract says.
type Statement struct {
	Kind     string // such as "operation" or "property"
	Place    string // such as "GET /api/info" or "schemas Session/properties/active"
	Evidence string // "" where the contract gives none
}

// kinds names what lies in a component.
var kinds = map[string]string{
	"headers": "header", "parameters": "parameter", "requestBodies": "request body", "responses": "response",
	"schemas": "schema", "securitySchemes": "security scheme",
	"properties": "property", "x-values": "enum value", "x-assumed": "sentence",
}

type object = map[string]any

// Document returns the contract as plain JSON.
func Document() (map[string]any, error) {
	raw, err := apispec.JSON()
	if err != nil {
		return nil, err
	}
	var doc object
	err = json.Unmarshal(raw, &doc)
	return doc, err
}

// Statements lists everything that the contract states, in the order of places.
func Statements(doc map[string]any) []Statement {
	var c collector
	paths, _ := doc["paths"].(object)
	for _, path := range sorted(paths) {
		item, _ := paths[path].(object)
		for _, method := range sorted(item) {
			c.root("operation", strings.ToUpper(method)+" "+path, item[method])
		}
	}
	components, _ := doc["components"].(object)
	for _, kind := range sorted(components) {
		if kind == "examples" {
			continue // they show what is described elsewhere
		}
		group, _ := components[kind].(object)
		for _, name := range sorted(group) {
			c.root(kinds[kind], kind+" "+name, group[name])
		}
	}
	return c.all
}

type collector struct{ all []Statement }

// root adds an operation or a component, and what it consists of.
func (c *collector) root(kind, place string, v any) {
	o, _ := v.(object)
	own, _ := o["x-evidence"].(string)
	c.all = append(c.all, Statement{kind, place, own})
	for _, part := range []string{"properties", "responses", "x-values"} {
		members, _ := o[part].(object)
		for _, name := range sorted(members) {
			member, _ := members[name].(object)
			if member["$ref"] != nil {
				continue // counted where it leads
			}
			evidence := own
			if nearer, ok := member["x-evidence"].(string); ok {
				evidence = nearer
			}
			c.all = append(c.all, Statement{kinds[part], place + "/" + part + "/" + name, evidence})
		}
	}
	c.sentences(place, o)
}

// sentences adds what no public source backs within o.
func (c *collector) sentences(place string, v any) {
	switch v := v.(type) {
	case object:
		list, _ := v["x-assumed"].([]any)
		for i := range list {
			c.all = append(c.all, Statement{kinds["x-assumed"], fmt.Sprintf("%s/x-assumed/%d", place, i), "assumed"})
		}
		for _, name := range sorted(v) {
			if name != "example" && name != "examples" {
				c.sentences(place+"/"+name, v[name])
			}
		}
	case []any:
		for i, element := range v {
			c.sentences(fmt.Sprintf("%s/%d", place, i), element)
		}
	}
}

// Summary counts statements by their evidence, in words.
func Summary(all []Statement) string {
	counts := map[string]int{}
	for _, s := range all {
		counts[s.Evidence]++
	}
	var words []string
	for _, evidence := range Evidence {
		words = append(words, fmt.Sprintf("%d %s", counts[evidence], evidence))
	}
	return strings.Join(words, ", ")
}

func sorted(o object) []string { return slices.Sorted(maps.Keys(o)) }
