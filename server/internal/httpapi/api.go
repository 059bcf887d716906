// Package httpapi puts the domain on the wire: it implements the interface that
// is generated from the contract, one file a tag, with one table of errors
// (errors.go) and one builder of links (meta.go). It holds no rules of the
// domain, knows no back end, and never lets an answer out that is not in the
// documented envelope.
package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spskit/spskit/gen/apiserver"
	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
)

// Version is the stand-in's own version, not an appliance's.
const Version = "0.1.0"

// Options are what the API is made of. All but Registry are required.
type Options struct {
	Logins        *login.Manager
	Configuration *config.Service
	Audit         *audit.Service
	Trails        *trail.Files
	Appliance     string // the generation it behaves like, such as "6.0"
	Strict        bool   // refuse what the contract does not know
	Secure        bool   // served over TLS: cookies are marked Secure
	Certificates  bool   // TLS verifies client certificates, so that they can log in
	Log           *slog.Logger
	Registry      *prometheus.Registry // nil for no metrics
	Now           func() time.Time
	// Access returns which recorded sessions a user may know of. Nil stands for
	// all of them.
	Access func(ctx context.Context, user string, rights store.Rights) (audit.Access, error)
}

// API is the REST API as an http.Handler.
type API struct {
	logins       *login.Manager
	config       *config.Service
	audit        *audit.Service
	trails       *trail.Files
	appliance    string
	strict       bool
	secure       bool
	certificates bool
	log          *slog.Logger
	metrics      *metrics
	now          func() time.Time
	access       func(ctx context.Context, user string, rights store.Rights) (audit.Access, error)
	handler      http.Handler

	stopOnce sync.Once
	stopping chan struct{} // closed by StopFollowing
}

// New builds the API. It fails when the contract and the handlers do not cover
// each other.
func New(o Options) (*API, error) {
	a := &API{
		logins: o.Logins, config: o.Configuration, audit: o.Audit, trails: o.Trails,
		appliance: o.Appliance, strict: o.Strict, secure: o.Secure, certificates: o.Certificates,
		log: o.Log, metrics: newMetrics(o.Registry), now: o.Now, access: o.Access,
		stopping: make(chan struct{}),
	}
	r := newRouter(a)
	strict := apiserver.NewStrictHandlerWithOptions(handlers{a}, nil, apiserver.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  a.failBinding,
		ResponseErrorHandlerFunc: a.fail,
	})
	apiserver.HandlerWithOptions(strict, apiserver.StdHTTPServerOptions{BaseRouter: r, ErrorHandlerFunc: a.failBinding})
	a.routeNavigation(r)
	if err := a.routeConfiguration(r); err != nil {
		return nil, err
	}
	if err := r.complete(); err != nil {
		return nil, err
	}
	a.handler = a.front(r)
	return a, nil
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// StopFollowing ends all answers that follow an ongoing session, so that a
// server can stop. Other answers run to their end.
func (a *API) StopFollowing() { a.stopOnce.Do(func() { close(a.stopping) }) }

func (a *API) stopped() bool {
	select {
	case <-a.stopping:
		return true
	default:
		return false
	}
}

// failBinding answers when generated code could not decode what the validator
// let pass: the contract and the generated types disagree, or a parameter's form
// is one that only the binder refuses.
func (a *API) failBinding(w http.ResponseWriter, r *http.Request, err error) {
	var parameter *apiserver.InvalidParamFormatError
	if errors.As(err, &parameter) {
		err = problemf(invalidQuery, "parameter", parameter.ParamName,
			"value", r.URL.Query().Get(parameter.ParamName), "expected", "a value as in the contract")
	}
	a.fail(w, r, err)
}

// handlers implements the generated interface.
type handlers struct{ *API }

var _ apiserver.StrictServerInterface = handlers{}
