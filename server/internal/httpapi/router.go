package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/spskit/spskit/server/internal/spec"
	"github.com/spskit/spskit/server/store"
)

// operation is what the layers in front of a handler need to know of it. All of
// it follows from the contract.
type operation struct {
	id         string
	allow      []string // the Allow header of its path
	anonymous  bool
	right      func(store.Rights) bool // nil when any login will do
	route      *routers.Route
	pathParams []string
	parameters bool   // there is something to validate in path or query
	audited    bool   // it is about recorded sessions, of which not everybody may see all
	bodySchema string // name of the schema of its JSON body, if it takes one
}

// router takes the generated handlers under their patterns and puts the guard in
// front of each. What it does not know of the contract it refuses to route.
type router struct {
	api        *API
	mux        *http.ServeMux
	operations map[string]*operation // by "METHOD /path"
	routed     map[string]bool
	resources  map[string]*resource // by path
}

// resource is a path of the contract. It tells methods apart itself: ServeMux
// would find that "GET /a/{key}" and "/a/b", with any method, contradict each
// other.
type resource struct {
	methods map[string]http.Handler
	other   http.Handler // for all other methods
}

func (o *resource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if h := o.methods[method]; h != nil {
		h.ServeHTTP(w, r)
		return
	}
	o.other.ServeHTTP(w, r)
}

func newRouter(a *API) *router {
	r := &router{
		api: a, mux: http.NewServeMux(),
		operations: map[string]*operation{}, routed: map[string]bool{}, resources: map[string]*resource{},
	}
	methods := map[string][]string{}
	for _, o := range spec.Operations() {
		methods[o.Path] = append(methods[o.Path], o.Method)
	}
	for path, names := range methods {
		slices.Sort(names)
		allow := []string{strings.Join(names, ", ")}
		anonymous := false
		for _, method := range names {
			op := newOperation(method, path, allow)
			anonymous = anonymous || op.anonymous || op.id == loginOperation
			r.operations[method+" "+path] = op
		}
		r.resources[path] = &resource{methods: map[string]http.Handler{}, other: a.wrongMethod(allow, anonymous)}
		r.mux.Handle(path, r.resources[path])
	}
	r.mux.HandleFunc("/", a.answerUnrouted)
	return r
}

// loginOperation is the one that takes credentials for a login.
const loginOperation = "createLogin"

func newOperation(method, path string, allow []string) *operation {
	route := *spec.Route(method, path)
	bare := *route.Operation
	bare.Security = &openapi3.SecurityRequirements{} // settled in guard, not by the validator
	route.Operation = &bare
	op := &operation{
		id:        route.Operation.OperationID,
		allow:     allow,
		anonymous: spec.Anonymous(method, path),
		right:     rightFor(method, path),
		route:     &route,
		audited:   strings.HasPrefix(path, auditPath+"/"),
	}
	for _, list := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, p := range list {
			if p.Value.In == openapi3.ParameterInPath {
				op.pathParams = append(op.pathParams, p.Value.Name)
			}
			op.parameters = op.parameters || p.Value.In != openapi3.ParameterInPath || !takesAnyText(p.Value.Schema.Value)
		}
	}
	if body := route.Operation.RequestBody; body != nil {
		if media := body.Value.Content.Get("application/json"); media != nil {
			op.bodySchema = strings.TrimPrefix(media.Schema.Ref, "#/components/schemas/")
		}
	}
	return op
}

// takesAnyText reports whether every element of a path is a value of the schema.
func takesAnyText(s *openapi3.Schema) bool {
	return s.Type.Is(openapi3.TypeString) && s.Pattern == "" && s.Format == "" && s.Enum == nil &&
		s.MinLength == 0 && s.MaxLength == nil && s.OneOf == nil && s.AnyOf == nil && s.AllOf == nil && s.Not == nil
}

// rightFor says which right a path asks for beyond being logged in.
func rightFor(method, path string) func(store.Rights) bool {
	configuration := path == transactionPath || strings.HasPrefix(path, transactionPath+"/") || underConfiguration(path)
	switch {
	case configuration && method != http.MethodGet:
		return func(r store.Rights) bool { return r.EditConfig }
	case configuration:
		return func(r store.Rights) bool { return r.ReadConfig }
	case path == "/api/audit" || strings.HasPrefix(path, "/api/audit/"):
		return func(r store.Rights) bool { return r.Search }
	default:
		return nil
	}
}

// HandleFunc routes one operation of the contract. The generated code calls it.
func (r *router) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	op, ok := r.operations[pattern]
	if !ok {
		panic("httpapi: the contract has no operation " + pattern)
	}
	r.routed[pattern] = true
	method, path, _ := strings.Cut(pattern, " ")
	r.resources[path].methods[method] = r.api.guard(op, handler)
}

func (r *router) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }

// complete reports operations of the contract that nobody routed.
func (r *router) complete() error {
	for pattern := range r.operations {
		if !r.routed[pattern] {
			return fmt.Errorf("httpapi: nothing serves %s", pattern)
		}
	}
	return nil
}

// guard is everything that happens between routing and the handler: who asks,
// may they, and is the request what the contract says.
func (a *API) guard(op *operation, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r)
		x.operation = op.id
		w.Header()["Allow"] = op.allow
		if err := a.identify(r, x); err != nil {
			a.fail(w, r, err)
			return
		}
		if op.id != loginOperation && !op.anonymous && !x.loggedIn() {
			a.fail(w, r, x.notLoggedIn())
			return
		}
		if op.right != nil && !op.right(x.login.Rights) {
			a.fail(w, r, problemf(unauthorized, "path", x.path))
			return
		}
		if err := a.validate(op, r); err != nil {
			a.fail(w, r, err)
			return
		}
		if op.audited {
			if err := a.admit(r, x); err != nil {
				a.fail(w, r, err)
				return
			}
		}
		if err := a.takeBody(op, w, r); err != nil {
			a.fail(w, r, err)
			return
		}
		next(w, r)
	})
}

// answerUnrouted answers for paths outside of the contract. Who is not logged in
// learns nothing about which those are.
func (a *API) answerUnrouted(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r)
	if err := a.identify(r, x); err != nil {
		a.fail(w, r, err)
		return
	}
	if !x.loggedIn() {
		a.fail(w, r, x.notLoggedIn())
		return
	}
	a.fail(w, r, problemf(notFound, "path", x.path))
}

func (a *API) wrongMethod(allow []string, anonymous bool) http.Handler {
	names := strings.Split(allow[0], ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r)
		w.Header()["Allow"] = allow
		if err := a.identify(r, x); err != nil {
			a.fail(w, r, err)
			return
		}
		if !anonymous && !x.loggedIn() {
			a.fail(w, r, x.notLoggedIn())
			return
		}
		a.fail(w, r, problemf(methodNotAllowed, "path", x.path, "allow", names))
	})
}
