// Package contract holds requests, responses and documents against the contract
// of the SPS REST API, in anybody's tests:
//
//   - Transport checks what a client sends and what it gets,
//   - Handler does the same in front of a server,
//   - Validate checks a single document.
//
// It reads the whole contract, which is embedded in gen/apispec, and needs no
// network and no files. It knows nothing of this project's client and server.
package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/spskit/spskit/gen/apispec"
)

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
		all[i] = Operation{
			ID: r.operation.OperationID, Method: r.method, Path: r.path,
			Tag: r.operation.Tags[0], Anonymous: r.anonymous,
		}
	}
	return all
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
	failures map[string]failure // by error type
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
	c := &contract{document: document}
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

// checkJSON checks that raw is exactly one JSON value that fits the schema.
func checkJSON(s *openapi3.Schema, raw []byte, place string) []Violation {
	value, err := decode(raw)
	if err != nil {
		return []Violation{{Place: place, Reason: "is not JSON: " + err.Error()}}
	}
	return violationsIn(s.VisitJSON(value, openapi3.MultiErrors()), place)
}

func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	if rest := bytes.TrimSpace(raw[d.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("there is more after the value: %s", abridge(string(rest)))
	}
	return value, nil
}
