package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spskit/spskit/server/store"
)

// sessionsPath is where the API has its sessions.
const sessionsPath = "/api/audit/sessions/"

// DefaultTimeLimit is how long a search may take, unless told otherwise.
const DefaultTimeLimit = 30 * time.Second

// ErrTooSlow says that a search took longer than its time limit.
var ErrTooSlow = errors.New("the search took too long")

// Store is what the service needs of the store.
type Store interface {
	store.Sessions
	store.Aggregates
	store.Snapshots
}

// Service answers questions about recorded sessions.
type Service struct {
	// TimeLimit is how long the database may work on one request that searches.
	// Beyond it the request fails with ErrTooSlow.
	TimeLimit time.Duration

	sessions Store
	now      func() time.Time
}

// New returns a service over the given sessions.
func New(sessions Store, now func() time.Time) *Service {
	return &Service{TimeLimit: DefaultTimeLimit, sessions: sessions, now: now}
}

// limited runs a search under the time limit. What says in an error what it was
// about.
func (s *Service) limited(ctx context.Context, what string, search func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.TimeLimit, ErrTooSlow)
	defer cancel()
	return outcome(ctx, what, search(ctx))
}

// outcome is the error of a search, told as what it really was if its context
// ended for being too slow.
func outcome(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, ErrTooSlow) {
		err = cause
	}
	return fmt.Errorf("%s: %w", what, err)
}
