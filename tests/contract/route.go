package contract

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// route is an operation with what it takes to recognise its requests.
type route struct {
	path, method string
	segments     []string // of the path; "{...}" matches any
	operation    *openapi3.Operation
	anonymous    bool
	kin          *routers.Route
}

func newRoute(document *openapi3.T, path, method string, item *openapi3.PathItem, op *openapi3.Operation) *route {
	required := document.Security
	if op.Security != nil {
		required = *op.Security
	}
	return &route{
		path: path, method: method, segments: strings.Split(strings.Trim(path, "/"), "/"), operation: op,
		anonymous: len(required) == 0 || slices.ContainsFunc(required, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 }),
		kin:       &routers.Route{Spec: document, Path: path, PathItem: item, Method: method, Operation: op},
	}
}

func (r *route) describe() Operation {
	return Operation{
		ID: r.operation.OperationID, Method: r.method, Path: r.path,
		Tag: r.operation.Tags[0], Anonymous: r.anonymous,
	}
}

// find returns the operation that a request calls, with the values of its path
// parameters, or nil. HEAD counts as GET.
func find(method string, u *url.URL) (*route, map[string]string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	given := strings.FieldsFunc(u.EscapedPath(), func(c rune) bool { return c == '/' })
	var (
		best       *route
		parameters map[string]string
	)
	for _, r := range loaded().routes {
		if r.method != method || len(r.segments) != len(given) {
			continue
		}
		values, ok := r.match(given)
		if ok && (best == nil || len(values) < len(parameters)) { // literal segments win
			best, parameters = r, values
		}
	}
	return best, parameters
}

func (r *route) match(given []string) (map[string]string, bool) {
	values := map[string]string{}
	for i, segment := range r.segments {
		value, err := url.PathUnescape(given[i])
		if err != nil {
			return nil, false
		}
		switch {
		case strings.HasPrefix(segment, "{"):
			values[strings.Trim(segment, "{}")] = value
		case segment != value:
			return nil, false
		}
	}
	return values, true
}
