package otelsps_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/otelsps"
)

// attributes are those of a span, but for the ones that change from run to run.
func attributes(t *testing.T, span sdktrace.ReadOnlySpan) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, a := range span.Attributes() {
		all[string(a.Key)] = a.Value.String()
	}
	maps.DeleteFunc(all, func(name, _ string) bool { return name == "server.port" })
	return all
}

func TestSpans(t *testing.T) {
	var parents []string
	requests := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parents = append(parents, r.Header.Get("Traceparent"))
		w.Header().Set("Content-Type", "application/json")
		if requests++; requests == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":{"type":"NotFound","message":"s3cret"}}`))
	}))
	defer s.Close()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	c, err := client.New(s.URL, client.WithRetry(client.RetryPolicy{BaseDelay: time.Nanosecond}), client.WithObserver(
		otelsps.New(otelsps.WithTracerProvider(provider), otelsps.WithPropagator(propagation.TraceContext{}))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, outer := provider.Tracer("test").Start(t.Context(), "outer")
	var into any
	if err := c.Get(ctx, "/api/s3cret?q=s3cret", &into); err == nil {
		t.Error("no error")
	}
	outer.End()

	ended := spans.Ended()
	if len(ended) != 4 {
		t.Fatalf("%d spans", len(ended))
	}
	first, second, call := ended[0], ended[1], ended[2]
	if call.Parent().SpanID() != outer.SpanContext().SpanID() {
		t.Error("the call is not within what called it")
	}
	for i, attempt := range ended[:2] {
		if attempt.Parent().SpanID() != call.SpanContext().SpanID() {
			t.Errorf("attempt %d is not within the call", i+1)
		}
		if !strings.Contains(parents[i], attempt.SpanContext().TraceID().String()+"-"+attempt.SpanContext().SpanID().String()) {
			t.Errorf("attempt %d was sent with %q", i+1, parents[i])
		}
	}
	for _, tt := range []struct {
		span sdktrace.ReadOnlySpan
		want map[string]string
	}{
		{first, map[string]string{
			"sps.operation": "get", "http.request.method": "GET", "server.address": "127.0.0.1",
			"http.response.status_code": "502", "error.type": "502",
		}},
		{second, map[string]string{
			"sps.operation": "get", "http.request.method": "GET", "server.address": "127.0.0.1",
			"http.request.resend_count": "1", "http.response.status_code": "404", "error.type": "404",
		}},
		{call, map[string]string{"sps.operation": "get", "error.type": "NotFound"}},
	} {
		if diff := cmp.Diff(tt.want, attributes(t, tt.span)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.span.Name(), diff)
		}
		if tt.span.Status().Code != codes.Error {
			t.Errorf("%s: %v", tt.span.Name(), tt.span.Status())
		}
	}
}

// traced makes a client whose spans are recorded.
func traced(t *testing.T, url string) (*client.Client, *tracetest.SpanRecorder) {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	c, err := client.New(url, client.WithObserver(otelsps.New(otelsps.WithTracerProvider(provider))))
	if err != nil {
		t.Fatal(err)
	}
	return c, spans
}

// Whoever leaves a loop gives up the page that is read ahead, and nothing has failed.
func TestSpansOfWhatIsGivenUp(t *testing.T) {
	asked := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if page == 2 {
			close(asked)
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"items":[{"key":"%d"}],"meta":{"next":"/api/audit/sessions?page=%d"}}`, page, page+1)
	}))
	defer s.Close()
	c, spans := traced(t, s.URL)
	for session, err := range c.Sessions(t.Context(), client.SessionQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if session.Key == "1" {
			<-asked
			break
		}
	}
	if len(spans.Ended()) != 6 {
		t.Errorf("%d spans", len(spans.Ended()))
	}
	for _, span := range spans.Ended() {
		if _, failed := attributes(t, span)["error.type"]; failed || span.Status().Code != codes.Unset {
			t.Errorf("%s: %v", span.Name(), span.Status())
		}
	}
}

func TestNilOptionsAreTheDefaults(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	c, err := client.New(s.URL, client.WithObserver(otelsps.New(otelsps.WithTracerProvider(nil), otelsps.WithPropagator(nil))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Info(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestSpansOfUnknownMethods(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	c, spans := traced(t, s.URL)
	resp, err := c.Raw(t.Context(), "BREW", "/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if span := spans.Ended()[0]; span.Name() != "HTTP" || attributes(t, span)["http.request.method"] != "_OTHER" {
		t.Errorf("%s: %v", span.Name(), attributes(t, span))
	}
}

func TestSpansWithoutAnAnswer(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	spans := tracetest.NewSpanRecorder()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	defer otel.SetTracerProvider(before)
	c, err := client.New(s.URL, client.WithoutRetry(), client.WithObserver(otelsps.New())) // with the global provider
	if err != nil {
		t.Fatal(err)
	}
	var into any
	if err := c.Get(t.Context(), "/api/x", &into); err == nil {
		t.Error("no error")
	}
	if ended := spans.Ended(); len(ended) != 2 || ended[0].Status().Description != "network" || ended[1].Status().Description != "network" {
		t.Errorf("spans: %v", ended)
	}
}
