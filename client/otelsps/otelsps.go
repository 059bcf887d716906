// Package otelsps traces the calls of package client with OpenTelemetry: a span for
// each call, named after its operationId, and within it one for each request on the
// wire, whose context goes along to the server. A call that its caller gives up has no
// error.
//
// Attributes are those of the semantic conventions for HTTP clients. Paths, queries,
// headers and bodies are in none of them. It is a package of its own so that programs
// without it don't link OpenTelemetry.
package otelsps

import (
	"context"
	"net"
	"strconv"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/spskit/spskit/client"
)

const scope = "github.com/spskit/spskit/client/otelsps"

// OperationKey is the attribute that holds the operationId.
const OperationKey = attribute.Key("sps.operation")

// Option is a setting of New.
type Option func(*observer)

// WithTracerProvider traces with p instead of OpenTelemetry's global provider, unless p
// is nil.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(o *observer) {
		if p != nil {
			o.tracer = p.Tracer(scope)
		}
	}
}

// WithPropagator passes the context on with p instead of OpenTelemetry's global
// propagator, unless p is nil.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(o *observer) {
		if p != nil {
			o.propagator = p
		}
	}
}

// New makes an observer for client.WithObserver.
func New(opts ...Option) client.Observer {
	o := &observer{tracer: otel.Tracer(scope), propagator: otel.GetTextMapPropagator()}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

type observer struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
}

func (o *observer) ObserveCall(ctx context.Context, operation string) (context.Context, func(client.CallResult)) {
	ctx, span := o.tracer.Start(ctx, operation, trace.WithAttributes(OperationKey.String(operation)))
	return ctx, func(r client.CallResult) {
		if r.Err != nil {
			fail(span, r.Err)
		}
		span.End()
	}
}

func (o *observer) ObserveAttempt(ctx context.Context, a client.Attempt) (context.Context, func(client.AttemptResult)) {
	name, method := a.Method, semconv.HTTPRequestMethodKey.String(a.Method)
	if a.Method == "other" {
		name, method = "HTTP", semconv.HTTPRequestMethodOther
	}
	attrs := []attribute.KeyValue{OperationKey.String(a.Operation), method}
	attrs = append(attrs, server(a.Host)...)
	if a.Number > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(a.Number-1))
	}
	ctx, span := o.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	o.propagator.Inject(ctx, propagation.HeaderCarrier(a.Header))
	return ctx, func(r client.AttemptResult) {
		if r.Status != 0 {
			span.SetAttributes(semconv.HTTPResponseStatusCode(r.Status))
		}
		switch {
		case r.Err != nil:
			fail(span, r.Err)
		case r.Status >= 400:
			mark(span, strconv.Itoa(r.Status))
		}
		span.End()
	}
}

// fail marks a span with an error, of which it tells only the kind, for the words can
// be the server's. To give up is none: whoever leaves a loop over a list does so with
// the page that is read ahead.
func fail(span trace.Span, err error) {
	if kind := client.Outcome(err); kind != "canceled" {
		mark(span, kind)
	}
}

func mark(span trace.Span, kind string) {
	span.SetAttributes(semconv.ErrorTypeKey.String(kind))
	span.SetStatus(codes.Error, kind)
}

// server are the attributes of a host, which may have a port.
func server(host string) []attribute.KeyValue {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return []attribute.KeyValue{semconv.ServerAddress(host)}
	}
	attrs := []attribute.KeyValue{semconv.ServerAddress(name)}
	if n, err := strconv.Atoi(port); err == nil {
		attrs = append(attrs, semconv.ServerPort(n))
	}
	return attrs
}
