// Package spec is the contract at run time: which operations there are, what
// each takes, and whether a document fits a schema. It reads the contract that
// is embedded in gen/apispec, once, when it is first asked.
//
// It knows nothing of the server around it: no handlers, no store, no HTTP
// beyond the request that a route describes.
package spec

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/spskit/spskit/gen/apispec"
)

// Operation is an operation of the contract.
type Operation struct {
	ID     string // operationId, such as "getSession"
	Method string // such as "GET"
	Path   string // such as "/api/audit/sessions/{key}"
	Tag    string // such as "sessions"
}

// contract is what load makes of the embedded document. Nothing changes it
// afterwards.
type contract struct {
	document   *openapi3.T
	operations []Operation
	routes     map[string]*routers.Route // by "METHOD /path"
}

var loaded = sync.OnceValue(func() *contract {
	raw, err := apispec.JSON()
	if err == nil {
		var c *contract
		if c, err = load(raw); err == nil {
			return c
		}
	}
	panic(fmt.Errorf("spec: the embedded contract is broken: %w", err))
})

// Document returns the contract as far as a server needs it: operations with
// their parameters, bodies and security, and all schemas. Responses, headers,
// examples and prose are left out, which makes it cheap to load. Callers must
// not change it.
func Document() *openapi3.T { return loaded().document }

// Operations lists the operations, ordered by path and method.
func Operations() []Operation { return slices.Clone(loaded().operations) }

// Route returns an operation in the form that openapi3filter.ValidateRequest
// takes, or nil if the contract has no such operation. path is the template,
// such as "/api/audit/sessions/{key}".
func Route(method, path string) *routers.Route { return loaded().routes[method+" "+path] }

// Anonymous reports whether an operation may be called without any credentials.
func Anonymous(method, path string) bool {
	route := Route(method, path)
	if route == nil {
		return false
	}
	required := route.Spec.Security
	if own := route.Operation.Security; own != nil {
		required = *own
	}
	return len(required) == 0 || slices.ContainsFunc(required, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

func (c *contract) add(path, method string, item *openapi3.PathItem, op *openapi3.Operation) error {
	if len(op.Tags) != 1 || op.OperationID == "" {
		return fmt.Errorf("%s %s: needs one tag and an operationId", method, path)
	}
	item.SetOperation(method, op)
	c.operations = append(c.operations, Operation{ID: op.OperationID, Method: method, Path: path, Tag: op.Tags[0]})
	c.routes[method+" "+path] = &routers.Route{
		Spec: c.document, Path: path, PathItem: item, Method: method, Operation: op,
	}
	return nil
}

func (c *contract) sort() {
	slices.SortFunc(c.operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
}

// schema returns a component by its name.
func schema(name string) (*openapi3.Schema, error) {
	ref := loaded().document.Components.Schemas[name]
	if ref == nil {
		return nil, fmt.Errorf("the contract has no schema %q", name)
	}
	return ref.Value, nil
}

var methods = map[string]string{
	"get": http.MethodGet, "put": http.MethodPut, "post": http.MethodPost, "delete": http.MethodDelete,
	"patch": http.MethodPatch, "head": http.MethodHead, "options": http.MethodOptions, "trace": http.MethodTrace,
}
