package client_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{fine}}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithRateLimit(2, 3))
		for range 5 {
			if err := get(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]time.Duration{0, 0, time.Second / 2, time.Second / 2}, s.waits()); diff != "" {
			t.Errorf("waits (-want +got):\n%s", diff)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/4)
		defer cancel()
		began := time.Now()
		if err := get(ctx, c); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 0 {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if err := get(ctx, c); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		if len(s.at) != 5 {
			t.Errorf("%d requests", len(s.at))
		}
	})
}

// A repeated request waits for its turn as well.
func TestRateLimitOfRepeatedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{status(503), fine}}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithRateLimit(0.1, 1))
		if err := get(t.Context(), c); err != nil || s.waits()[0].Round(time.Second) != 10*time.Second {
			t.Errorf("waited %v, %v", s.waits(), err)
		}
	})
}

func TestRateLimitIsChecked(t *testing.T) {
	for _, opt := range []client.Option{
		client.WithRateLimit(0, 1), client.WithRateLimit(-1, 1), client.WithRateLimit(math.NaN(), 1), client.WithRateLimit(1, 0), client.WithRateLimit(math.Inf(1), 1),
	} {
		if _, err := client.New("https://sps.example.com", opt); err == nil {
			t.Error("the rate is taken")
		}
	}
}
