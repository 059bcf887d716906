package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Observer is told of calls, and of the attempts that a call is made of: the requests
// on the wire. It is what tracing and metrics are made with; packages otelsps and
// promsps have one for OpenTelemetry and one for Prometheus.
//
// Both methods are called at the beginning. What goes on within sees the context that
// they return, and the function that they return, which may be nil, is called once at
// the end. They are called by many goroutines, and must not block.
type Observer interface {
	// ObserveCall is told the operation: an operationId of the contract, or "get", "put",
	// "post", "delete" or "raw" for a path of the caller's. For iterators each page is a call. A login is
	// a call "createLogin", within the call that needs it.
	ObserveCall(ctx context.Context, operation string) (context.Context, func(CallResult))
	// ObserveAttempt is told of a request that is about to go out.
	ObserveAttempt(ctx context.Context, a Attempt) (context.Context, func(AttemptResult))
}

// CallResult is how a call ended.
type CallResult struct {
	Err      error // as the caller gets it; see Outcome
	Attempts int   // without those of a login
	Duration time.Duration
}

// Attempt is a request that is about to go out.
type Attempt struct {
	Operation string // of the call, as with ObserveCall
	Number    int    // of the call's attempts, from 1
	Method    string // of HTTP, or "other": what Raw is given has no bound
	Host      string // with the port, if the URL has one
	// Header goes along with the request. It is empty, and for adding to it, such as
	// a traceparent; what the client itself sends is neither here nor replaced.
	Header http.Header
}

// AttemptResult is how an attempt ended: with the end of the answer, or earlier if
// there is none or its reader gives up.
type AttemptResult struct {
	Status   int           // of HTTP; 0 if there is no answer
	Err      error         // of the network or a context; nil for every answer read to its end
	Wait     time.Duration // until the answer began, or failed to
	Duration time.Duration
	Bytes    int64 // read of the answer's body
}

// WithObserver tells o of calls and attempts. Given again, it adds an observer, which
// works within the earlier ones.
func WithObserver(o Observer) Option {
	return func(s *settings) error {
		if o == nil {
			return errors.New("the observer is nil")
		}
		s.observers = append(s.observers, o)
		return nil
	}
}

// Outcome puts the error of a call into a word that fits a label of metrics: one of
// the contract's error types such as "NotFound", or else "ok", "canceled", "timeout",
// "network", "unexpected" for answers that aren't the API's, or "other".
func Outcome(err error) string {
	var answered *Error
	var network net.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &answered) && answered.Type != "":
		if _, known := statusOf[answered.Type]; known {
			return string(answered.Type)
		}
		return "other" // the server's words have no bound
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, ErrUnexpectedAnswer):
		return "unexpected"
	case errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "network"
	}
	return "other"
}

type observers []Observer

// callState is what the layers know of the call that a request belongs to.
type callState struct {
	operation string
	attempts  atomic.Int32
}

type callKey struct{}

// callOf is the call that a request belongs to.
func callOf(ctx context.Context) *callState {
	if c, ok := ctx.Value(callKey{}).(*callState); ok {
		return c
	}
	return &callState{operation: "other"}
}

// observe begins a call, which ends when the returned function gets its error.
func (o observers) observe(ctx context.Context, operation string) (context.Context, func(error)) {
	state := &callState{operation: operation}
	ctx = context.WithValue(ctx, callKey{}, state)
	began := time.Now()
	ends := make([]func(CallResult), len(o))
	for i, one := range o {
		ctx, ends[i] = one.ObserveCall(ctx, operation)
	}
	return ctx, func(err error) {
		finish(ends, CallResult{Err: err, Attempts: int(state.attempts.Load()), Duration: time.Since(began)})
	}
}

// finish tells the innermost observer first.
func finish[T any](ends []func(T), result T) {
	for _, end := range slices.Backward(ends) {
		if end != nil {
			end(result)
		}
	}
}

// observeLayer tells observers of attempts.
type observeLayer struct {
	next doer
	observers
}

func (l observeLayer) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	call := callOf(ctx)
	began := time.Now()
	extra := http.Header{}
	ends := make([]func(AttemptResult), len(l.observers))
	for i, one := range l.observers {
		ctx, ends[i] = one.ObserveAttempt(ctx, Attempt{
			Operation: call.operation, Number: int(call.attempts.Load()),
			Method: methodOf(req), Host: req.URL.Host, Header: extra,
		})
	}
	req = req.Clone(ctx)
	for name, values := range extra {
		if name = http.CanonicalHeaderKey(name); req.Header[name] == nil && !secretHeaders[name] {
			req.Header[name] = values
		}
	}
	resp, err := l.next.Do(req)
	result := AttemptResult{Err: err, Wait: time.Since(began)}
	if err != nil {
		result.Duration = result.Wait
		finish(ends, result)
		return nil, err
	}
	result.Status = resp.StatusCode
	resp.Body = &observedBody{ReadCloser: resp.Body, end: func(n int64, err error) {
		result.Bytes, result.Err, result.Duration = n, err, time.Since(began)
		finish(ends, result)
	}}
	return resp, nil
}

func methodOf(req *http.Request) string {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return req.Method
	}
	return "other"
}

// observedBody notices the end of a body, which may be closed while it is read.
type observedBody struct {
	io.ReadCloser
	n    atomic.Int64
	once sync.Once
	end  func(n int64, err error)
}

func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	if err != nil {
		failed := err
		if failed == io.EOF {
			failed = nil
		}
		b.once.Do(func() { b.end(b.n.Load(), failed) })
	}
	return n, err
}

func (b *observedBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() { b.end(b.n.Load(), nil) })
	return err
}
