package login_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

var (
	start  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rights = store.Rights{Search: true, EditConfig: true}
)

const idle = 10 * time.Minute

// clock is a time that only the test moves.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time          { return start.Add(time.Duration(c.offset.Load())) }
func (c *clock) set(since time.Duration) { c.offset.Store(int64(since)) }

func openStore(tb testing.TB) store.Store {
	tb.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(tb.TempDir(), "db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// newManager returns a manager with a user ann, whose password is "secret".
func newManager(tb testing.TB, s login.Store, o login.Options) *login.Manager {
	tb.Helper()
	o.BcryptCost = bcrypt.MinCost
	m := login.New(s, o)
	if err := m.CreateUser(context.Background(), "ann", "secret", rights); err != nil {
		tb.Fatal(err)
	}
	return m
}

func mustLogin(tb testing.TB, m *login.Manager) login.Token {
	tb.Helper()
	token, _, err := m.Login(context.Background(), "ann", "secret", "192.0.2.1")
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func TestLogin(t *testing.T) {
	var c clock
	s := openStore(t)
	m := newManager(t, s, login.Options{Now: c.now})
	c.set(1500 * time.Nanosecond)
	token, l, err := m.Login(t.Context(), "ann", "secret", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(string(token)) {
		t.Errorf("token %q", string(token))
	}
	want := store.Login{
		ID: l.ID, User: "ann", Rights: rights, Address: "192.0.2.1",
		CreatedAt: start.Add(time.Microsecond), ExpiresAt: start.Add(idle + time.Microsecond),
	}
	if d := cmp.Diff(want, l); d != "" {
		t.Errorf("login (-want +got):\n%s", d)
	}
	c.set(time.Minute)
	a, err := m.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if want := idle - time.Minute + time.Microsecond; a.Remaining != want {
		t.Errorf("remaining %v, want %v", a.Remaining, want)
	}
	want.ExpiresAt = start.Add(time.Minute + idle)
	if d := cmp.Diff(want, a.Login); d != "" {
		t.Errorf("authenticated (-want +got):\n%s", d)
	}
	if again := mustLogin(t, m); again == token {
		t.Error("two logins have the same token")
	}
}

func TestLoginRefused(t *testing.T) {
	m := newManager(t, openStore(t), login.Options{})
	tests := []struct{ name, user, password string }{
		{"wrong password", "ann", "Secret"},
		{"no password", "ann", ""},
		{"right password and more", "ann", "secret" + strings.Repeat("x", 100)},
		{"nobody", "bob", "secret"},
		{"no name", "", "secret"},
		{"endless name", strings.Repeat("ann", 1000), "secret"},
	}
	for _, tt := range tests {
		token, l, err := m.Login(t.Context(), tt.user, tt.password, "192.0.2.1")
		if !errors.Is(err, login.ErrBadCredentials) || token != "" || l != (store.Login{}) {
			t.Errorf("%s: login %v, %v", tt.name, l, err)
		}
	}
}

func TestLoginThrottled(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{
		Now:          c.now,
		UserFailures: login.Budget{Burst: 3, Every: 10 * time.Second},
	})
	try := func(password, address string) error {
		_, _, err := m.Login(t.Context(), "ann", password, address)
		return err
	}
	for range 3 {
		if err := try("wrong", "A"); !errors.Is(err, login.ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	var throttled *login.ThrottledError
	if err := try("secret", "A"); !errors.As(err, &throttled) || !errors.Is(err, login.ErrThrottled) || throttled.RetryAfter != 10*time.Second {
		t.Errorf("the right password: %v", err)
	}
	if err := try("secret", "B"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	c.set(10 * time.Second)
	if err := try("secret", "A"); err != nil {
		t.Errorf("later: %v", err)
	}
	for range 3 { // the success gave back all
		if err := try("wrong", "A"); !errors.Is(err, login.ErrBadCredentials) {
			t.Error(err)
		}
	}
	if err := try("wrong", "A"); !errors.Is(err, login.ErrThrottled) {
		t.Error(err)
	}
}

// Guesses made at once do not slip through together.
func TestLoginThrottledAtOnce(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{
		Now:          c.now,
		UserFailures: login.Budget{Burst: 3, Every: time.Hour},
	})
	var wg sync.WaitGroup
	var looked atomic.Int64
	for i := range 40 {
		wg.Go(func() {
			_, _, err := m.Login(context.Background(), "ann", fmt.Sprint(i), "A")
			switch {
			case errors.Is(err, login.ErrBadCredentials):
				looked.Add(1)
			case !errors.Is(err, login.ErrThrottled):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, most := looked.Load(), int64(3+runtime.GOMAXPROCS(0)-1); n < 3 || n > most {
		t.Errorf("%d guesses were looked at, want 3 to %d", n, most)
	}
}

// racing does something in the middle of a login.
type racing struct {
	store.Store
	before func()
}

func (r racing) CreateLogin(ctx context.Context, l store.Login) error {
	r.before()
	return r.Store.CreateLogin(ctx, l)
}

// A password that is changed, or a user that is deleted, while the old password
// is being checked leaves no login behind.
func TestLoginRacesWithAdministration(t *testing.T) {
	for name, act := range map[string]func(m *login.Manager) error{
		"password": func(m *login.Manager) error { return m.SetPassword(context.Background(), "ann", "other") },
		"delete":   func(m *login.Manager) error { return m.DeleteUser(context.Background(), "ann") },
	} {
		t.Run(name, func(t *testing.T) {
			s := openStore(t)
			admin := newManager(t, s, login.Options{})
			m := login.New(racing{s, func() {
				if err := act(admin); err != nil {
					t.Error(err)
				}
			}}, login.Options{})
			if _, _, err := m.Login(t.Context(), "ann", "secret", "A"); !errors.Is(err, login.ErrBadCredentials) {
				t.Errorf("login: %v", err)
			}
			if n, err := s.DeleteExpiredLogins(t.Context(), time.Now().Add(time.Hour)); n != 0 || err != nil {
				t.Errorf("%d logins are left, %v", n, err)
			}
		})
	}
}

// What fails in the store is no verdict about a password or a token.
func TestStoreFails(t *testing.T) {
	s := openStore(t)
	m := newManager(t, s, login.Options{})
	token := mustLogin(t, m)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, err := m.Login(t.Context(), "ann", "secret", "A")
	if err == nil || errors.Is(err, login.ErrBadCredentials) {
		t.Errorf("login: %v", err)
	}
	if _, err := m.Authenticate(t.Context(), token); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("authenticate: %v", err)
	}
	if err := m.Logout(t.Context(), token); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("logout: %v", err)
	}
}

func TestNoRandomness(t *testing.T) {
	m := newManager(t, openStore(t), login.Options{Rand: strings.NewReader("")})
	if token, _, err := m.Login(t.Context(), "ann", "secret", "A"); err == nil || token != "" {
		t.Errorf("token %v, %v", token, err)
	}
}
