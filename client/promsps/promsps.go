// Package promsps counts and times the calls of package client for Prometheus:
//
//   - sps_client_call_duration_seconds, by operation and outcome: how long calls took
//     from the caller's point of view, with what was repeated;
//   - sps_client_request_duration_seconds, by operation, method and status: how long
//     it took each request on the wire until its answer began, and "none" is the status
//     of those without an answer;
//   - sps_client_response_bytes_total, by operation: what was read of the answers'
//     bodies.
//
// The buckets of both histograms go from 5 milliseconds to 10 minutes, since a call may
// be the download of a trail; a trail that is followed can take longer still.
//
// Operations are operationIds of the contract, outcomes are those of client.Outcome, and
// a method that HTTP doesn't define is "other", so that no label grows with what is
// called. It is a package of its own so that programs without it don't link Prometheus.
package promsps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/spskit/spskit/client"
)

// buckets are bounds in seconds.
var buckets = append(slices.Clone(prometheus.DefBuckets), 30, 60, 120, 300, 600)

// New registers the metrics and makes an observer for client.WithObserver. Clients may
// share it. With a registry that has the metrics already, it uses those.
func New(registerer prometheus.Registerer) (client.Observer, error) {
	if registerer == nil {
		return nil, errors.New("the registerer is nil")
	}
	calls, callsErr := register(registerer, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sps_client_call_duration_seconds", Help: "How long calls of the SPS API took.",
		Buckets: buckets,
	}, []string{"operation", "outcome"}))
	requests, requestsErr := register(registerer, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sps_client_request_duration_seconds", Help: "How long requests to the SPS API waited for their answer.",
		Buckets: buckets,
	}, []string{"operation", "method", "status"}))
	bytes, bytesErr := register(registerer, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sps_client_response_bytes_total", Help: "Bytes read of the answers of the SPS API.",
	}, []string{"operation"}))
	if err := errors.Join(callsErr, requestsErr, bytesErr); err != nil {
		return nil, err
	}
	return &observer{calls: calls, requests: requests, bytes: bytes}, nil
}

// register returns the collector, or the one of the same kind that is there already.
func register[C prometheus.Collector](registerer prometheus.Registerer, collector C) (C, error) {
	err := registerer.Register(collector)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if same, ok := already.ExistingCollector.(C); ok {
			return same, nil
		}
	}
	if err != nil {
		return collector, fmt.Errorf("register the metrics of the SPS client: %w", err)
	}
	return collector, nil
}

type observer struct {
	calls, requests *prometheus.HistogramVec
	bytes           *prometheus.CounterVec
}

func (o *observer) ObserveCall(ctx context.Context, operation string) (context.Context, func(client.CallResult)) {
	return ctx, func(r client.CallResult) {
		o.calls.WithLabelValues(operation, client.Outcome(r.Err)).Observe(r.Duration.Seconds())
	}
}

func (o *observer) ObserveAttempt(ctx context.Context, a client.Attempt) (context.Context, func(client.AttemptResult)) {
	return ctx, func(r client.AttemptResult) {
		status := "none"
		if r.Status != 0 {
			status = strconv.Itoa(r.Status)
		}
		o.requests.WithLabelValues(a.Operation, a.Method, status).Observe(r.Wait.Seconds())
		o.bytes.WithLabelValues(a.Operation).Add(float64(r.Bytes))
	}
}
