package client

import (
	"context"
	"sync/atomic"
	"time"
)

// pin ties requests to one login. The first request that is made with it sets it,
// unless it finds that there is no login; later ones, which may be concurrent, only
// read it.
type pin struct {
	set   bool
	token Secret      // empty with an API key, or if the caller's transport logs in
	over  atomic.Bool // nothing is tied any more
}

// fill ties a pin, if there is one, to the login with this token.
func (p *pin) fill(token Secret) {
	if p != nil && !p.set {
		p.set, p.token = true, token
	}
}

// clear ties a pin to no login again. Nothing else may be using it.
func (p *pin) clear() { p.set, p.token = false, "" }

// writeGrace is how long the answer to a write within a transaction is awaited after the
// caller has given up.
const writeGrace = 5 * time.Second

// lingering returns a context that ends writeGrace after ctx does. A write that is given
// up at once might reach the server after the roll-back that follows, and leave behind
// what nobody knows of: an open transaction with its lock.
func lingering(ctx context.Context) (_ context.Context, release func()) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	if until, ok := ctx.Deadline(); ok {
		longer = withPatience(longer, func() time.Time { return until })
	}
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(writeGrace, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}

// Contexts know for which client they hold a pin, so that another one never takes
// its token.
type pinKey struct{ of *loginLayer }

func (l *loginLayer) withPin(ctx context.Context, p *pin) context.Context {
	return context.WithValue(ctx, pinKey{l}, p)
}

func (l *loginLayer) pinOf(ctx context.Context) *pin {
	p, _ := ctx.Value(pinKey{l}).(*pin)
	if p == nil || p.over.Load() {
		return nil
	}
	return p
}
