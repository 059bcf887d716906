package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/otelsps"
	"github.com/spskit/spskit/client/promsps"
	"github.com/spskit/spskit/server/servertest"
)

// connectWith is connect with more options.
func connectWith(opts ...client.Option) *client.Client {
	sps, err := client.New(appliance().URL, append([]client.Option{
		client.WithCAFile(appliance().CAFile),
		client.WithPassword(servertest.Username, servertest.Password),
	}, opts...)...)
	if err != nil {
		log.Fatal(err)
	}
	return sps
}

// A program that runs at night can be more patient than the default.
func ExampleWithRetry() {
	sps := connectWith(
		client.WithTimeout(10*time.Minute),
		client.WithRetry(client.RetryPolicy{MaxAttempts: 10, MaxDelay: time.Minute, MaxElapsed: 8 * time.Minute}))
	count, err := sps.Count(context.Background(), client.SessionQuery{Q: client.Text("protocol").Is("RDP")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(count > 0)
	// Output: true
}

// A program that does its own retrying gets the reason to.
func ExampleWithoutRetry() {
	busy := roundTripper(func(r *http.Request) (*http.Response, error) {
		body := `{"error":{"type":"ServiceUnavailable","message":"busy","details":{}}}`
		resp := response(r, http.StatusServiceUnavailable, "application/json", strings.NewReader(body))
		resp.Header.Set("Retry-After", "30")
		return resp, nil
	})
	sps, err := client.New("https://sps.example.com", client.WithoutRetry(), client.WithHTTPClient(&http.Client{Transport: busy}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = sps.Info(context.Background())
	var failure *client.Error
	if errors.Is(err, client.ErrUnavailable) && errors.As(err, &failure) {
		fmt.Println("try again in", failure.RetryAfter)
	}
	// Output: try again in 30s
}

// A background job leaves most of the appliance to others.
func ExampleWithRateLimit() {
	sps := connectWith(client.WithRateLimit(50, 10))
	for _, key := range []string{"1", "2", "rUhhQZ3jYsY1NDWYp9DEpq"} {
		if _, err := sps.Session(context.Background(), key); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("read at 50 requests a second")
	// Output: read at 50 requests a second
}

func ExampleWithLogger() {
	var lines bytes.Buffer // usually os.Stderr
	logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case "operation", "attempt", "status", "Authorization", "Cookie":
				return a
			}
			if len(groups) == 0 && a.Value.Kind() == slog.KindGroup {
				return a
			}
			return slog.Attr{} // the example's output must not change
		},
	}))
	sps := connectWith(client.WithLogger(logger))
	if _, err := sps.UserInfo(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Print(lines.String())
	// Output:
	// operation=createLogin attempt=1 request.Authorization=[[redacted]] status=200
	// operation=getUserInfo attempt=1 request.Cookie=[[redacted]] status=200
}

// Spans of calls hold those of the requests that they took.
func ExampleWithObserver_openTelemetry() {
	spans := tracetest.NewSpanRecorder() // usually an exporter
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	sps := connectWith(client.WithObserver(otelsps.New(
		otelsps.WithTracerProvider(provider),
		otelsps.WithPropagator(propagation.TraceContext{}))))
	if _, err := sps.Session(context.Background(), "no-such-session"); !errors.Is(err, client.ErrNotFound) {
		log.Fatal(err)
	}
	for _, span := range spans.Ended() {
		fmt.Println(span.Name(), span.SpanKind(), span.Status().Code)
	}
	// Output:
	// GET client Unset
	// createLogin internal Unset
	// GET client Error
	// getSession internal Error
}

func ExampleWithObserver_prometheus() {
	registry := prometheus.NewRegistry() // or prometheus.DefaultRegisterer
	metrics, err := promsps.New(registry)
	if err != nil {
		log.Fatal(err)
	}
	sps := connectWith(client.WithObserver(metrics))
	for range 3 {
		if _, err := sps.UserInfo(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	n, err := testutil.GatherAndCount(registry, "sps_client_call_duration_seconds")
	fmt.Println(n, "kinds of calls,", err) // createLogin and getUserInfo, ok
	// Output: 2 kinds of calls, <nil>
}
