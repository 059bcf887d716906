package login_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

// Whatever happens in whatever order, an idle login lives as long as the timeout
// says: to the microsecond in a process that saw its last request, and up to a
// second longer, but never shorter, for everybody else.
func TestIdleExpiryInAnyOrder(t *testing.T) {
	s := openStore(t)
	newManager(t, s, login.Options{})
	rapid.Check(t, func(t *rapid.T) {
		p := &process{
			store:   s,
			timeout: rapid.SampledFrom([]time.Duration{time.Second, 3 * time.Second, idle}).Draw(t, "timeout"),
			cache:   rapid.IntRange(1, 3).Draw(t, "cache size"),
		}
		p.start()
		for i := range p.logins {
			p.login(t, i)
		}
		for range 30 {
			p.step(t)
		}
	})
}

// process is a manager, and the truth about its logins.
type process struct {
	store   store.Store
	timeout time.Duration
	cache   int
	clock   clock
	manager *login.Manager
	logins  [3]struct {
		token   login.Token
		id      store.LoginID
		expires time.Time
		seen    *login.Manager // the one that last authenticated it
	}
}

func (p *process) start() {
	p.manager = login.New(p.store, login.Options{Now: p.clock.now, IdleTimeout: p.timeout, CacheSize: p.cache})
}

// login makes the i-th login a new one.
func (p *process) login(t *rapid.T, i int) {
	var raw [20]byte
	_, _ = rand.Read(raw[:])
	l := &p.logins[i]
	l.token, l.id = login.Token(hex.EncodeToString(raw[:])), sha256.Sum256(raw[:])
	l.expires, l.seen = p.clock.now().Add(p.timeout), nil
	err := p.store.CreateLogin(context.Background(), store.Login{
		ID: l.id, User: "ann", CreatedAt: p.clock.now(), ExpiresAt: l.expires,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *process) step(t *rapid.T) {
	ctx := context.Background()
	i := rapid.IntRange(0, len(p.logins)-1).Draw(t, "login")
	var err error
	switch rapid.SampledFrom([]string{
		"use", "use", "use", "use", "wait", "wait", "wait", "wait for its end", "wait for its end", "sweep", "restart",
	}).Draw(t, "step") {
	case "use":
		p.use(t, i)
	case "wait":
		p.wait(rapid.SampledFrom([]time.Duration{
			time.Microsecond, 300 * time.Millisecond, 600 * time.Millisecond, 999_999 * time.Microsecond, time.Second,
		}).Draw(t, "for"))
	case "wait for its end":
		before := rapid.SampledFrom([]time.Duration{0, time.Microsecond, 500 * time.Millisecond}).Draw(t, "before")
		p.wait(max(0, p.logins[i].expires.Sub(p.clock.now())-before))
	case "sweep":
		err = p.manager.Sweep(ctx)
	case "restart":
		p.start()
	}
	if err != nil {
		t.Fatal(err)
	}
	l, now := p.logins[i], p.clock.now()
	switch stored, err := p.store.Login(ctx, l.id, now); {
	case err != nil && now.Before(l.expires):
		t.Fatalf("login %d lives until %v, but in the store %v", i, l.expires, err)
	case err == nil && stored.ExpiresAt.Sub(l.expires) > time.Second:
		t.Fatalf("login %d: the store says %v, the truth is %v", i, stored.ExpiresAt, l.expires)
	}
}

func (p *process) wait(d time.Duration) { p.clock.set(p.clock.now().Sub(start) + d) }

// use authenticates with a login, and replaces it if it is gone.
func (p *process) use(t *rapid.T, i int) {
	l, now := &p.logins[i], p.clock.now()
	known := l.seen == p.manager && p.cache >= len(p.logins) // not a login that had to be read again
	a, err := p.manager.Authenticate(context.Background(), l.token)
	left := l.expires.Sub(now)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		t.Fatal(err)
	case err != nil && left > 0:
		t.Fatalf("login %d ended %v too early", i, left)
	case err == nil && (left <= -time.Second || known && left <= 0):
		t.Fatalf("login %d ended %v ago", i, -left)
	case err != nil:
		p.login(t, i)
		return
	case a.Remaining < left || a.Remaining > left+time.Second || known && a.Remaining != left:
		t.Fatalf("login %d: remaining %v, want %v", i, a.Remaining, left)
	}
	want := now.Add(p.timeout)
	if l.expires.After(want) {
		want = l.expires // what it was given is never taken away
	}
	if over := a.ExpiresAt.Sub(want); over < 0 || over > time.Second || known && over != 0 {
		t.Fatalf("login %d: expires at %v, want %v", i, a.ExpiresAt, want)
	}
	l.expires, l.seen = a.ExpiresAt, p.manager
}
