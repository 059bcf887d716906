package audit

import (
	"context"
	"sync/atomic"
	"time"
)

// allowance is a time limit for a search whose results go out while it goes on.
// The time that its reader takes does not count.
type allowance struct {
	begun   time.Time
	limit   time.Duration
	waited  atomic.Int64 // how long the reader took, in nanoseconds
	waiting atomic.Int64 // since when it has been taking its time, counted from begun; 0 when it is not
	timer   *time.Timer
	cancel  context.CancelCauseFunc
}

// withAllowance returns a context that ends with the cause ErrTooSlow once the
// allowance is used up. stop must be called.
func withAllowance(ctx context.Context, limit time.Duration) (_ context.Context, a *allowance, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	a = &allowance{begun: time.Now(), limit: limit, cancel: cancel}
	ready := make(chan struct{})
	a.timer = time.AfterFunc(limit, func() {
		<-ready
		a.check()
	})
	close(ready)
	return ctx, a, func() {
		a.timer.Stop()
		cancel(nil)
	}
}

// check ends the search unless the reader took some of the time.
func (a *allowance) check() {
	since := time.Since(a.begun)
	used := since - time.Duration(a.waited.Load())
	if waiting := a.waiting.Load(); waiting > 0 {
		used -= since - time.Duration(waiting)
	}
	if left := a.limit - used; left > 0 {
		a.timer.Reset(max(left, time.Millisecond))
		return
	}
	a.cancel(ErrTooSlow)
}

// reader runs what waits for the reader.
func (a *allowance) reader(write func() error) error {
	from := time.Since(a.begun)
	a.waiting.Store(int64(max(from, 1)))
	err := write()
	a.waited.Add(int64(time.Since(a.begun) - from))
	a.waiting.Store(0)
	return err
}
