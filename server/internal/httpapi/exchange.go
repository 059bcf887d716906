package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/store"
)

// exchange is what the layers of one request tell each other. It travels in the
// request's context, because the generated handlers see nothing else of it.
type exchange struct {
	requestID string
	path      string // normalised path, as errors and links show it
	recorder  *recorder
	request   *http.Request
	operation string        // operationId, once routed
	login     store.Login   // the zero Login while anonymous
	refused   bool          // an API key came that is none
	remaining time.Duration // left to the login when the request arrived
	access    *audit.Access // which recorded sessions the login may know of, once found out
}

func (x *exchange) loggedIn() bool { return x.login.User != "" }

// notLoggedIn is why an anonymous request is refused.
func (x *exchange) notLoggedIn() error {
	if x.refused {
		return problemf(authenticationFailure)
	}
	return problemf(unauthenticated, "path", x.path)
}

// remainingSeconds is meta.remaining_seconds: begun seconds count, and 0 is an
// anonymous client.
func (x *exchange) remainingSeconds() int { return int((x.remaining + time.Second - 1) / time.Second) }

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange { return exchangeIn(r.Context()) }

func exchangeIn(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// LogHandler adds the request id and the login's user to every record that is
// logged with a request's context.
func LogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, rec slog.Record) error {
	if x := exchangeIn(ctx); x != nil {
		rec.AddAttrs(slog.String("request_id", x.requestID))
		if x.loggedIn() {
			rec.AddAttrs(slog.String("user", x.login.User))
		}
	}
	return h.Handler.Handle(ctx, rec)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name)}
}
