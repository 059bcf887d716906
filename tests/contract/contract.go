// Package contract holds requests, responses and documents against the contract
// of the SPS REST API, in anybody's tests:
//
//   - Transport checks what a client sends and what it gets,
//   - Handler does the same in front of a server,
//   - Validate checks a single document, such as a fixture file,
//   - CheckRequest and CheckResponse check what was recorded; package har does so
//     for whole HAR files.
//
// Each says of every violation in which operation and where it is, what was
// expected and what was found. It reads the whole contract, which is embedded in
// gen/apispec, and needs no network and no files. It knows nothing of this
// project's client and server, and links no package of the test framework.
package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/spskit/spskit/gen/apispec"
)

// T is what a test is told of violations by; *testing.T and *testing.B are.
type T interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
}

// Operation is an operation of the contract.
type Operation struct {
	ID        string // operationId, such as "getSession"
	Method    string // such as "GET"
	Path      string // such as "/api/audit/sessions/{key}"
	Tag       string // such as "sessions"
	Anonymous bool   // may be called without credentials
}

// Document returns the whole contract. Callers must not change it.
func Document() *openapi3.T { return loaded().document }

// Operations lists the operations, ordered by path and method.
func Operations() []Operation {
	routes := loaded().routes
	all := make([]Operation, len(routes))
	for i, r := range routes {
		all[i] = r.describe()
	}
	return all
}

// Find returns the operation that a request calls, going by the method and the
// path of its URL alone; false if there is none. HEAD counts as GET.
func Find(method string, u *url.URL) (Operation, bool) {
	called, _ := find(method, u)
	if called == nil {
		return Operation{}, false
	}
	return called.describe(), true
}

// Validate checks a JSON document against a schema of the contract, such as
// "SessionDocument". What breaks the contract is reported in an *Error.
func Validate(schema string, document []byte) error {
	ref := loaded().document.Components.Schemas[schema]
	if ref == nil {
		return fmt.Errorf("the contract has no schema %q", schema)
	}
	return newError(schema, checkJSON(ref.Value, document, ""))
}

type contract struct {
	document *openapi3.T
	routes   []*route
	failures map[string]failure          // by error type
	owners   map[*openapi3.Schema]string // the named schema that a schema is, or lies in
}

// failure is what the contract says about one type of error.
type failure struct {
	Status int `json:"status"`
}

var loaded = sync.OnceValue(func() *contract {
	raw, err := apispec.JSON()
	if err != nil {
		panic(err)
	}
	document, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		panic(fmt.Errorf("the embedded contract is broken: %w", err))
	}
	spellOut(document.Components.Schemas)
	c := &contract{document: document, owners: owners(document)}
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			c.routes = append(c.routes, newRoute(document, path, method, item, op))
		}
	}
	slices.SortFunc(c.routes, func(a, b *route) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
	})
	values, err := json.Marshal(document.Components.Schemas["ErrorType"].Value.Extensions["x-values"])
	if err == nil {
		err = json.Unmarshal(values, &c.failures)
	}
	if err != nil {
		panic(fmt.Errorf("the contract doesn't describe its errors: %w", err))
	}
	return c
})

// owners says of every schema of the document which named one it is written in.
func owners(document *openapi3.T) map[*openapi3.Schema]string {
	found := map[*openapi3.Schema]string{}
	for name, ref := range document.Components.Schemas {
		if ref.Ref == "" {
			own(found, name, ref.Value)
		}
	}
	return found
}

func own(found map[*openapi3.Schema]string, name string, s *openapi3.Schema) {
	found[s] = name
	parts := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, openapi3.SchemaRefs{s.Items, s.Not, s.AdditionalProperties.Schema},
		slices.Collect(maps.Values(s.Properties)))
	for _, ref := range parts {
		if ref != nil && ref.Ref == "" {
			own(found, name, ref.Value)
		}
	}
}

// checkJSON checks that raw is exactly one JSON value that fits the schema.
func checkJSON(s *openapi3.Schema, raw []byte, place string) []Violation {
	value, fault := decode(raw)
	if fault != "" {
		return []Violation{{Place: place, Schema: loaded().owners[s], Expected: "one JSON value", Found: fault}}
	}
	return violationsIn(s.VisitJSON(value, openapi3.MultiErrors(), formats()), place)
}

// decode returns the one JSON value that raw is, or what it is instead.
func decode(raw []byte) (value any, fault string) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	switch err := d.Decode(&value); {
	case errors.Is(err, io.EOF):
		return nil, Nothing
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, "one that ends within itself, after " + count(len(raw), "byte")
	case err != nil:
		return nil, err.Error()
	}
	if rest := bytes.TrimSpace(raw[d.InputOffset():]); len(rest) > 0 {
		return nil, count(len(rest), "byte") + " more after it"
	}
	return value, ""
}
