package login_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

// counting counts how often logins are read and renewed, and how many logins
// are swept away.
type counting struct {
	store.Store
	reads, writes, swept atomic.Int64
}

func (c *counting) Login(ctx context.Context, id store.LoginID, now time.Time) (store.Login, error) {
	c.reads.Add(1)
	return c.Store.Login(ctx, id, now)
}

func (c *counting) ExtendLogin(ctx context.Context, id store.LoginID, now, expiresAt time.Time) error {
	c.writes.Add(1)
	return c.Store.ExtendLogin(ctx, id, now, expiresAt)
}

func (c *counting) DeleteExpiredLogins(ctx context.Context, now time.Time) (int, error) {
	n, err := c.Store.DeleteExpiredLogins(ctx, now)
	c.swept.Add(int64(n))
	return n, err
}

func TestIdleExpiry(t *testing.T) {
	const gone = -1
	type step struct {
		at   time.Duration
		want time.Duration // remaining, or gone
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"never used", []step{{idle - time.Microsecond, time.Microsecond}}},
		{"idle", []step{{idle, gone}}},
		{"long idle", []step{{24 * time.Hour, gone}}},
		{"gone for good", []step{{idle, gone}, {idle, gone}, {idle + time.Second, gone}}},
		{"slides", []step{{0, idle}, {9 * time.Minute, time.Minute}, {18 * time.Minute, time.Minute}, {28 * time.Minute, gone}}},
		{"renewed from memory", []step{{0, idle}, {900 * time.Millisecond, idle - 900*time.Millisecond}, {idle + 899*time.Millisecond, time.Millisecond}}},
		{"idle since renewed from memory", []step{{0, idle}, {900 * time.Millisecond, idle - 900*time.Millisecond}, {idle + 900*time.Millisecond, gone}}},
	}
	s := openStore(t)
	newManager(t, s, login.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c clock
			m := login.New(s, login.Options{Now: c.now, IdleTimeout: idle})
			token := mustLogin(t, m)
			for _, s := range tt.steps {
				c.set(s.at)
				a, err := m.Authenticate(t.Context(), token)
				switch {
				case s.want == gone && !errors.Is(err, store.ErrNotFound):
					t.Errorf("at %v: %v, want it gone", s.at, err)
				case s.want != gone && (err != nil || a.Remaining != s.want):
					t.Errorf("at %v: remaining %v (%v), want %v", s.at, a.Remaining, err, s.want)
				}
			}
		})
	}
}

func TestStoreIsSpared(t *testing.T) {
	var c clock
	s := &counting{Store: openStore(t)}
	m := newManager(t, s, login.Options{Now: c.now})
	token := mustLogin(t, m)
	for i := range 3000 { // 3 seconds
		c.set(time.Duration(i) * time.Millisecond)
		if _, err := m.Authenticate(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if r, w := s.reads.Load(), s.writes.Load(); r != 3 || w != 3 {
		t.Errorf("%d reads and %d writes in 3 seconds", r, w)
	}
	for _, bad := range []login.Token{"", "secret", login.Token(strings.Repeat("g", 40)), token + "0"} {
		if _, err := m.Authenticate(t.Context(), bad); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", string(bad), err)
		}
		if err := m.Logout(t.Context(), bad); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("logout of %q: %v", string(bad), err)
		}
	}
	if s.reads.Load() != 3 {
		t.Error("what has not the form of a token was looked up")
	}
}

func TestLogout(t *testing.T) {
	m := newManager(t, openStore(t), login.Options{})
	token, other := mustLogin(t, m), mustLogin(t, m)
	for range 2 {
		if _, err := m.Authenticate(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Logout(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Authenticate(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after logout: %v", err)
	}
	if err := m.Logout(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("second logout: %v", err)
	}
	if _, err := m.Authenticate(t.Context(), other); err != nil {
		t.Errorf("another login: %v", err)
	}
}

// However many requests are under way: after logout none succeeds.
func TestLogoutDuringRequests(t *testing.T) {
	m := newManager(t, openStore(t), login.Options{CacheSize: 2})
	for range 20 {
		token := mustLogin(t, m)
		var over atomic.Bool
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					late := over.Load()
					_, err := m.Authenticate(context.Background(), token)
					if late && err == nil {
						t.Error("authenticated after logout")
					}
					if late || err != nil {
						return
					}
				}
			})
		}
		if err := m.Logout(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		over.Store(true)
		wg.Wait()
	}
}

// A login that another process ended works no longer than a second here.
func TestEndedElsewhere(t *testing.T) {
	var c clock
	s := openStore(t)
	m := newManager(t, s, login.Options{Now: c.now})
	token := mustLogin(t, m)
	if _, err := m.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := login.New(s, login.Options{}).DeleteUser(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	c.set(999 * time.Millisecond)
	if _, err := m.Authenticate(t.Context(), token); err != nil {
		t.Errorf("within the second: %v", err)
	}
	c.set(time.Second)
	if _, err := m.Authenticate(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after it: %v", err)
	}
}

func TestSweep(t *testing.T) {
	var c clock
	s := &counting{Store: openStore(t)}
	m := newManager(t, s, login.Options{Now: c.now, IdleTimeout: idle})
	mustLogin(t, m)
	used := mustLogin(t, m)
	if _, err := m.Authenticate(t.Context(), used); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at   time.Duration
		want int64
	}{{idle - time.Microsecond, 0}, {idle, 1}, {idle + time.Second - time.Microsecond, 1}, {idle + time.Second, 2}} {
		c.set(tt.at)
		if err := m.Sweep(t.Context()); err != nil || s.swept.Load() != tt.want {
			t.Errorf("at %v: swept %d in all, want %d (%v)", tt.at, s.swept.Load(), tt.want, err)
		}
	}
}

func TestSetIdleTimeout(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{Now: c.now, IdleTimeout: idle})
	token := mustLogin(t, m)
	remaining := func(at, want time.Duration) {
		t.Helper()
		c.set(at)
		if a, err := m.Authenticate(t.Context(), token); err != nil || a.Remaining != want {
			t.Errorf("at %v: remaining %v (%v), want %v", at, a.Remaining, err, want)
		}
	}
	remaining(time.Minute, 9*time.Minute)
	m.SetIdleTimeout(20 * time.Minute)
	remaining(2*time.Minute, 9*time.Minute)
	remaining(3*time.Minute, 19*time.Minute)
	m.SetIdleTimeout(5 * time.Minute) // takes away nothing
	remaining(4*time.Minute, 19*time.Minute)
	remaining(20*time.Minute, 3*time.Minute)
	remaining(21*time.Minute, 4*time.Minute)
	m.SetIdleTimeout(0)
	if got := m.IdleTimeout(); got != time.Second {
		t.Errorf("the shortest timeout is %v", got)
	}
}

// A store that fails fails the request, and ends nothing.
func TestAuthenticateWhenTheStoreFails(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{Now: c.now, IdleTimeout: idle})
	token := mustLogin(t, m)
	c.set(time.Minute)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Authenticate(cancelled, token); !errors.Is(err, context.Canceled) {
		t.Errorf("authenticate: %v", err)
	}
	if err := m.Logout(cancelled, token); !errors.Is(err, context.Canceled) {
		t.Errorf("logout: %v", err)
	}
	if err := m.Sweep(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("sweep: %v", err)
	}
	if a, err := m.Authenticate(t.Context(), token); err != nil || a.Remaining != 9*time.Minute {
		t.Errorf("remaining %v, %v", a.Remaining, err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	for _, logins := range []int{1, 1000} {
		b.Run(fmt.Sprintf("logins=%d", logins), func(b *testing.B) {
			m := newManager(b, openStore(b), login.Options{})
			tokens := make([]login.Token, logins)
			for i := range tokens {
				tokens[i] = mustLogin(b, m)
			}
			ctx := context.Background()
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if _, err := m.Authenticate(ctx, tokens[i%logins]); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
