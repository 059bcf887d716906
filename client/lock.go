package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// WithLockWait waits at most that long while somebody else holds the configuration,
// instead of failing with ErrLocked at once. It asks again and again, ever more seldom,
// and has no place in a queue. When the time is up the error is ErrLocked, and when ctx
// ends, that and the context's. Only opening waits: a commit that finds a conflict would
// find the same one later.
func WithLockWait(most time.Duration) TransactionOption {
	return func(s *transactionSettings) { s.lockWait = most }
}

// Lock is who holds the configuration. What the server doesn't say is zero.
type Lock struct {
	Holder    string    // name of the user
	OpenedAt  time.Time // when the transaction was opened
	ExpiresAt time.Time // when the login of the holder ends, if it stays idle
}

// Lock tells who holds the configuration, if this is ErrLocked.
func (e *Error) Lock() (lock Lock, ok bool) {
	if !e.Is(ErrLocked) {
		return Lock{}, false
	}
	return Lock{e.Detail("holder"), detail[stamp](e, "opened_at").Time, detail[stamp](e, "expires_at").Time}, true
}

// Conflict is the path of the object that somebody else has changed, if this is
// ErrConflict and the server tells.
func (e *Error) Conflict() string {
	if !e.Is(ErrConflict) {
		return ""
	}
	return e.Detail("path")
}

// The pauses between attempts grow from one to the other.
const (
	shortestPause = 250 * time.Millisecond
	longestPause  = 10 * time.Second
)

// lockWait is the waiting for a lock.
type lockWait struct {
	most  time.Duration
	until time.Time // zero before the first pause
	next  time.Duration
}

// pause waits until it is time for another attempt. Otherwise it returns the error to
// give up with; locked is the last attempt's.
func (w *lockWait) pause(ctx context.Context, locked error) error {
	now := time.Now()
	if w.until.IsZero() {
		w.until, w.next = now.Add(w.most), shortestPause
	}
	left := w.until.Sub(now)
	if left <= 0 {
		if w.most > 0 {
			return fmt.Errorf("waited %s: %w", w.most, locked)
		}
		return locked
	}
	// Not all who wait shall ask at the same time.
	pause := w.next/2 + rand.N(w.next/2) //nolint:gosec // nothing secret about it
	var answer *Error
	if errors.As(locked, &answer) {
		pause = max(pause, answer.RetryAfter)
	}
	w.next = min(2*w.next, longestPause)
	timer := time.NewTimer(min(pause, left))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the configuration: %w: %w", context.Cause(ctx), locked)
	}
}
