// Package otelsps traces the calls of package client with OpenTelemetry: a span for
// each call, named after its operationId, and within it one for each request on the
// wire, whose context goes along to the server.
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

// WithTracerProvider traces with p instead of OpenTelemetry's global provider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(o *observer) { o.tracer = p.Tracer(scope) }
}

// WithPropagator passes the context on with p instead of OpenTelemetry's global
// propagator.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(o *observer) { o.propagator = p }
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
			// The words of an error can be the server's, so only its kind is told.
			fail(span, client.Outcome(r.Err))
		}
		span.End()
	}
}

func (o *observer) ObserveAttempt(ctx context.Context, a client.Attempt) (context.Context, func(client.AttemptResult)) {
	attrs := []attribute.KeyValue{OperationKey.String(a.Operation), semconv.HTTPRequestMethodKey.String(a.Method)}
	attrs = append(attrs, server(a.Host)...)
	if a.Number > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(a.Number-1))
	}
	ctx, span := o.tracer.Start(ctx, a.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	o.propagator.Inject(ctx, propagation.HeaderCarrier(a.Header))
	return ctx, func(r client.AttemptResult) {
		if r.Status != 0 {
			span.SetAttributes(semconv.HTTPResponseStatusCode(r.Status))
		}
		switch {
		case r.Err != nil:
			fail(span, client.Outcome(r.Err))
		case r.Status >= 400:
			fail(span, strconv.Itoa(r.Status))
		}
		span.End()
	}
}

func fail(span trace.Span, kind string) {
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
