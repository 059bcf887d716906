package login

import (
	"time"

	"github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Budget bounds failures: Burst of them at once, and one more after each Every.
type Budget struct {
	Burst int
	Every time.Duration
}

func (b Budget) or(def Budget) Budget {
	if b.Burst <= 0 || b.Every <= 0 {
		return def
	}
	return b
}

// remembered is how many users and how many addresses a throttle keeps in mind;
// the ones that failed longest ago are forgotten first.
const remembered = 1 << 13

// throttle counts failed logins by user and address, and by address alone.
type throttle struct {
	users     *lru.Cache[source, *rate.Limiter]
	addresses *lru.Cache[string, *rate.Limiter]
	user      Budget
	address   Budget
}

type source struct{ user, address string }

func newThrottle(user, address Budget) *throttle {
	return &throttle{
		users:     newLRU[source, *rate.Limiter](remembered),
		addresses: newLRU[string, *rate.Limiter](remembered),
		user:      user,
		address:   address,
	}
}

// check returns a *ThrottledError when either budget is spent. It takes nothing
// from them.
func (t *throttle) check(now time.Time, user, address string) error {
	var wait time.Duration
	if l, ok := t.users.Get(source{user, address}); ok {
		wait = untilNext(l, now)
	}
	if l, ok := t.addresses.Get(address); ok {
		wait = max(wait, untilNext(l, now))
	}
	if wait > 0 {
		return &ThrottledError{RetryAfter: wait}
	}
	return nil
}

// failed takes one failure from both budgets. Attempts that were under way
// together may overdraw them; that prolongs the wait.
func (t *throttle) failed(now time.Time, user, address string) {
	limiter(t.users, source{user, address}, t.user).ReserveN(now, 1)
	limiter(t.addresses, address, t.address).ReserveN(now, 1)
}

// succeeded restores the user's budget at that address, but not the address's:
// whoever knows one password must not guess others the faster for it.
func (t *throttle) succeeded(user, address string) {
	t.users.Remove(source{user, address})
}

func limiter[K comparable](c *lru.Cache[K, *rate.Limiter], key K, b Budget) *rate.Limiter {
	fresh := rate.NewLimiter(rate.Every(b.Every), b.Burst)
	if l, ok, _ := c.PeekOrAdd(key, fresh); ok {
		return l
	}
	return fresh
}

// untilNext returns how long it takes until l grants one more.
func untilNext(l *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - l.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(l.Limit()) * float64(time.Second))
}
