package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/internal/spec"
	"github.com/spskit/spskit/server/store"
)

// errorType names an error on the wire, as the contract's ErrorType does.
type errorType string

const (
	invalidQuery          errorType = "InvalidQuery"
	syntacticError        errorType = "SyntacticError"
	semanticError         errorType = "SemanticError"
	unauthenticated       errorType = "Unauthenticated"
	authenticationFailure errorType = "AuthenticationFailure"
	unauthorized          errorType = "Unauthorized"
	notFound              errorType = "NotFound"
	methodNotAllowed      errorType = "MethodNotAllowed"
	noTransaction         errorType = "NoTransaction"
	configurationLocked   errorType = "ConfigurationLocked"
	transactionConflict   errorType = "TransactionConflict"
	notDeletable          errorType = "NotDeletable"
	lengthRequired        errorType = "LengthRequired"
	preconditionFailed    errorType = "PreconditionFailed"
	payloadTooLarge       errorType = "PayloadTooLarge"
	unsupportedMediaType  errorType = "UnsupportedMediaType"
	rangeNotSatisfiable   errorType = "RangeNotSatisfiable"
	expectationFailed     errorType = "ExpectationFailed"
	tooManyRequests       errorType = "TooManyRequests"
	internalError         errorType = "InternalError"
	serviceUnavailable    errorType = "ServiceUnavailable"
)

// errorTable is the one place that says which status and message a type has.
var errorTable = map[errorType]struct {
	status  int
	message string
}{
	invalidQuery:          {http.StatusBadRequest, "The filter, or a value in the query, is invalid."},
	syntacticError:        {http.StatusBadRequest, "The request body is not well-formed JSON."},
	semanticError:         {http.StatusBadRequest, "The request body does not fit the contract."},
	unauthenticated:       {http.StatusUnauthorized, "Log in first: this resource needs an authenticated client."},
	authenticationFailure: {http.StatusUnauthorized, "The credentials were not accepted."},
	unauthorized:          {http.StatusForbidden, "The user has no right to do this."},
	notFound:              {http.StatusNotFound, "There is no such object."},
	methodNotAllowed:      {http.StatusMethodNotAllowed, "This resource does not support the method."},
	noTransaction:         {http.StatusConflict, "Open a transaction first: the configuration changes only inside one."},
	configurationLocked:   {http.StatusConflict, "Another login is changing the configuration."},
	transactionConflict:   {http.StatusConflict, "Somebody else committed a change of the same object; roll back and try again."},
	notDeletable:          {http.StatusConflict, "The object can't be deleted; it is built in, or other objects refer to it."},
	lengthRequired:        {http.StatusLengthRequired, "The request needs a Content-Length header."},
	preconditionFailed:    {http.StatusPreconditionFailed, "A precondition given in the request headers is false."},
	payloadTooLarge:       {http.StatusRequestEntityTooLarge, "The request body is too large."},
	unsupportedMediaType:  {http.StatusUnsupportedMediaType, "Send the body as application/json."},
	rangeNotSatisfiable:   {http.StatusRequestedRangeNotSatisfiable, "The requested range lies outside of the file."},
	expectationFailed:     {http.StatusExpectationFailed, "The Expect header is not supported; send the request without it."},
	tooManyRequests:       {http.StatusTooManyRequests, "Too many attempts; try again later."},
	internalError:         {http.StatusInternalServerError, "The server failed to answer; its log tells more under the request id."},
	serviceUnavailable:    {http.StatusServiceUnavailable, "The server is busy; try again later."},
}

// retryBusy is after how many seconds a client should try again: whoever writes is
// soon done.
const retryBusy = 1

// problem is an error that is fit to be seen by the client.
type problem struct {
	Type    errorType
	Message string // unless empty, in place of the one in errorTable
	Details map[string]any
	cause   error // for the log only
}

func (p *problem) Error() string {
	if p.cause != nil {
		return string(p.Type) + ": " + p.cause.Error()
	}
	return string(p.Type)
}

func (p *problem) Unwrap() error { return p.cause }

func problemf(t errorType, details ...any) *problem {
	p := &problem{Type: t}
	for i := 0; i+1 < len(details); i += 2 {
		if p.Details == nil {
			p.Details = make(map[string]any, len(details)/2)
		}
		p.Details[details[i].(string)] = details[i+1]
	}
	return p
}

// problemOf maps every error of the domain to what the client may see of it.
// What it does not know is an internal error, and its text stays hidden.
func problemOf(err error, path string) *problem {
	var (
		known     *problem
		query     *audit.QueryError
		throttled *login.ThrottledError
		quota     *audit.QuotaError
		snapshot  *audit.SnapshotError
		locked    *store.LockedError
		conflict  *store.ConflictError
		invalid   *config.InvalidError
		needed    *config.NotDeletableError
		tooLarge  *http.MaxBytesError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &query):
		p := problemf(invalidQuery, "parameter", query.Parameter, "value", query.Value, "expected", query.Expected)
		if query.Position >= 0 {
			p.Details["position"] = query.Position
		}
		return p
	case errors.Is(err, login.ErrBadCredentials):
		return problemf(authenticationFailure)
	case errors.As(err, &throttled):
		return problemf(tooManyRequests, "retry_after", int(throttled.RetryAfter.Seconds())+1)
	case errors.As(err, &quota):
		p := problemf(tooManyRequests, "retry_after", int(quota.RetryAfter.Seconds())+1)
		p.Message = "The user has as many snapshots as one may have; use one of them, or wait until one expires."
		return p
	case errors.As(err, &snapshot):
		p := problemf(notFound, "path", path, "parameter", "snapshot", "value", snapshot.ID,
			"expected", "a snapshot of this client that has not expired")
		p.Message = "There is no such snapshot, or no longer."
		return p
	case errors.Is(err, config.ErrNoLogin):
		return problemf(unauthenticated, "path", path)
	case errors.Is(err, store.ErrNotFound):
		return problemf(notFound, "path", path)
	case errors.Is(err, store.ErrNoTransaction):
		return problemf(noTransaction)
	case errors.As(err, &locked):
		return problemf(configurationLocked, "holder", locked.Holder,
			"opened_at", locked.OpenedAt.UTC(), "expires_at", locked.ExpiresAt.UTC())
	case errors.As(err, &conflict):
		return problemf(transactionConflict, "path", conflict.Path)
	case errors.As(err, &invalid):
		violations := make([]spec.Violation, len(invalid.Violations))
		for i, v := range invalid.Violations {
			violations[i] = spec.Violation{Path: v.Path, Reason: v.Reason}
		}
		return problemf(semanticError, "violations", violations)
	case errors.Is(err, config.ErrMessageRequired):
		return problemf(semanticError, "violations", []spec.Violation{{Path: "/commit_message", Reason: "a commit needs a message"}})
	case errors.As(err, &needed):
		return problemf(notDeletable, "path", needed.Path, "references", needed.References)
	case errors.Is(err, config.ErrReadOnly):
		return problemf(methodNotAllowed, "path", path)
	case errors.As(err, &tooLarge):
		return problemf(payloadTooLarge, "limit", tooLarge.Limit)
	case errors.Is(err, audit.ErrTooSlow):
		// No time to try again at: it would take as long.
		return &problem{
			Type: serviceUnavailable, Message: "The search takes too long; search for less.",
			Details: map[string]any{"expected": "a search that takes less time"}, cause: err,
		}
	case errors.Is(err, store.ErrBusy):
		return &problem{Type: serviceUnavailable, Details: map[string]any{"retry_after": retryBusy}, cause: err}
	default:
		return &problem{Type: internalError, cause: err}
	}
}

// fail answers with err in the API's envelope. Once the answer has begun it can
// only break the connection, so that the client does not take a torn body for a
// whole one.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r)
	if x.recorder.begun() {
		if r.Context().Err() == nil && !a.stopped() && !errors.Is(err, store.ErrNotFound) {
			a.log.ErrorContext(r.Context(), "answer cut short", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	p := problemOf(err, x.path)
	if p.Type == internalError {
		if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // the client went away: nobody is left to answer
		}
		a.log.ErrorContext(r.Context(), "internal error", "error", err)
		p = problemf(internalError, "request_id", x.requestID)
	}
	if p.Type == serviceUnavailable {
		a.log.WarnContext(r.Context(), "request refused", "error", err)
	}
	entry := errorTable[p.Type]
	h := w.Header()
	switch p.Type {
	case unauthenticated, authenticationFailure:
		if r.Header.Get("Sec-Fetch-Dest") == "empty" {
			break // a page asks, and the browser would take up the challenge with a dialog of its own
		}
		h.Set("WWW-Authenticate", `Basic realm="SPS REST API", charset="UTF-8"`)
	case tooManyRequests, serviceUnavailable:
		if seconds, ok := p.Details["retry_after"].(int); ok {
			h.Set("Retry-After", strconv.Itoa(seconds))
		}
	}
	message := p.Message
	if message == "" {
		message = entry.message
	}
	details := p.Details
	if details == nil {
		details = map[string]any{}
	}
	writeJSON(w, entry.status, encode(errorDocument{
		Error: errorBody{Type: p.Type, Message: message, Details: details},
		Meta:  objectMeta{Href: x.path},
	}))
}

type errorDocument struct {
	Error errorBody  `json:"error"`
	Meta  objectMeta `json:"meta"`
}

type errorBody struct {
	Details map[string]any `json:"details"`
	Message string         `json:"message"`
	Type    errorType      `json:"type"`
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = contentTypeJSON
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away cannot be told
}

var contentTypeJSON = []string{"application/json"}
