//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/spskit/spskit/tests/contract"
)

// measureValidation takes what the validator of requests costs by itself, and
// which share that is of all that spsd spends on one.
func (b *bench) measureValidation(ctx context.Context) ([]row, error) {
	document := contract.Document()
	const path = "/api/audit/sessions/{key}"
	item := document.Paths.Value(path)
	route := &routers.Route{Spec: document, Path: path, PathItem: item, Method: http.MethodGet, Operation: item.Get}
	options := &openapi3filter.Options{ExcludeRequestBody: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	const key = "svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/audit/sessions/"+key, http.NoBody)
	if err != nil {
		return nil, err
	}
	cost, err := cpuOf(b.round, func() error {
		return openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
			Request: r, PathParams: map[string]string{"key": key}, Route: route, Options: options,
		})
	})
	if err != nil {
		return nil, err
	}
	result := row{
		what: "validating a GET of one session", ours: duration(cost.Seconds()) + " CPU",
		notes: "openapi3filter.ValidateRequest by itself",
	}
	if b.getCPU > 0 {
		result.floor = duration(b.getCPU.Seconds()) + " CPU"
		result.notes += fmt.Sprintf(": %.0f %% of what spsd spends on the request (floor), over %s", 100*cost.Seconds()/b.getCPU.Seconds(), plain)
	}
	return []row{result}, nil
}

// cpuOf is the processor time that do takes, its garbage included.
func cpuOf(d time.Duration, do func() error) (time.Duration, error) {
	if err := do(); err != nil { // which also warms up
		return 0, err
	}
	n := 0
	started, used := time.Now(), ownCPU()
	for time.Since(started) < d {
		for range 100 {
			if err := do(); err != nil {
				return 0, err
			}
		}
		n += 100
	}
	return (ownCPU() - used) / time.Duration(n), nil
}
