package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"

	"golang.org/x/time/rate"
)

// WithRateLimit sends no more than perSecond requests a second, and up to burst at
// once after a quiet time. Repeated requests and logins count too. Requests wait for
// their turn; one that cannot have it before its timeout fails at once with
// context.DeadlineExceeded. Without this option there is no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(s *settings) error {
		if !(perSecond > 0) || math.IsInf(perSecond, 1) || burst < 1 {
			return fmt.Errorf("a rate of %v requests a second, with up to %d at once, lets none through", perSecond, burst)
		}
		s.limit = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// limitLayer makes requests wait for their turn.
type limitLayer struct {
	next  doer
	limit *rate.Limiter
}

func (l limitLayer) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	waiting, cancel := context.WithDeadline(ctx, patience(ctx))
	defer cancel()
	if err := l.limit.Wait(waiting); err != nil {
		// The limiter says in words of its own that the wait would be too long.
		if !errors.Is(err, context.Canceled) {
			err = context.DeadlineExceeded
		}
		return nil, fmt.Errorf("%s %s: wait for the rate limit: %w", req.Method, req.URL.Path, err)
	}
	return l.next.Do(req)
}
