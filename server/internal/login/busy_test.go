package login_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

// busyStore takes no renewals while busy is set, as when another process writes.
type busyStore struct {
	store.Store
	busy  atomic.Bool
	tries atomic.Int64
}

func (b *busyStore) ExtendLogin(ctx context.Context, id store.LoginID, now, expiresAt time.Time) error {
	b.tries.Add(1)
	if b.busy.Load() {
		return store.ErrBusy
	}
	return b.Store.ExtendLogin(ctx, id, now, expiresAt)
}

func (b *busyStore) DeleteLogin(ctx context.Context, id store.LoginID) error {
	if b.busy.Load() {
		return store.ErrBusy
	}
	return b.Store.DeleteLogin(ctx, id)
}

func TestAuthenticateWhileTheStoreIsBusy(t *testing.T) {
	var c clock
	s := &busyStore{Store: openStore(t)}
	m := newManager(t, s, login.Options{Now: c.now, IdleTimeout: idle})
	token := mustLogin(t, m)
	use := func(at, want time.Duration) store.LoginID {
		t.Helper()
		c.set(at)
		a, err := m.Authenticate(t.Context(), token)
		if err != nil || a.Remaining != want {
			t.Errorf("at %v: remaining %v (%v), want %v", at, a.Remaining, err, want)
		}
		return a.ID
	}
	stored := func(id store.LoginID) time.Duration {
		t.Helper()
		l, err := s.Login(t.Context(), id, start)
		if err != nil {
			t.Fatal(err)
		}
		return l.ExpiresAt.Sub(start)
	}
	id := use(0, idle)
	s.busy.Store(true)
	use(time.Minute, idle-time.Minute)
	use(time.Minute+time.Millisecond, idle-time.Millisecond) // no second try within the hold
	use(time.Minute+time.Second, idle-999*time.Millisecond)
	if got := s.tries.Load(); got != 3 {
		t.Errorf("tried %d times, want 3", got)
	}
	if got, want := stored(id), idle+time.Second; got != want {
		t.Errorf("while busy the store says %v, want %v", got, want)
	}
	s.busy.Store(false)
	use(5*time.Minute, idle-4*time.Minute+time.Second)
	if got, want := stored(id), 5*time.Minute+idle+time.Second; got != want {
		t.Errorf("afterwards the store says %v, want %v", got, want)
	}
	s.busy.Store(true)
	c.set(5*time.Minute + idle)
	if _, err := m.Authenticate(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
}

func TestAlive(t *testing.T) {
	var c clock
	s := &counting{Store: openStore(t)}
	m := newManager(t, s, login.Options{Now: c.now, IdleTimeout: idle})
	other := login.New(s, login.Options{Now: c.now, IdleTimeout: idle})
	token := mustLogin(t, m)
	a, err := m.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	reads, writes := s.reads.Load(), s.writes.Load()
	check := func(m *login.Manager, at time.Duration, want error) {
		t.Helper()
		c.set(at)
		if err := m.Alive(t.Context(), a.ID); !errors.Is(err, want) {
			t.Errorf("at %v: %v, want %v", at, err, want)
		}
	}
	check(m, 999*time.Millisecond, nil)
	if s.reads.Load() != reads {
		t.Error("what is known was read again")
	}
	check(m, idle-time.Microsecond, nil)
	check(m, idle, store.ErrNotFound) // although the store gives it a hold more
	check(other, idle, nil)
	check(other, idle+time.Second, store.ErrNotFound)
	if s.writes.Load() != writes {
		t.Error("the login was renewed")
	}
	check(m, time.Minute, nil)
	if err := other.Logout(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	check(m, time.Minute, store.ErrNotFound)
	check(other, time.Minute, store.ErrNotFound)
	if err := m.Alive(t.Context(), store.LoginID{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody's login: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Alive(cancelled, a.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Errorf("cancelled: %v", err)
	}
}
