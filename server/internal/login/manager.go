// Package login owns users, passwords and REST logins: who may log in, which
// login a token stands for, when a login ends, and how fast passwords may be
// tried. It knows no HTTP, no cookies and no SQL; what it keeps, it keeps
// through the store.
//
// A login ends when it has been idle for the idle timeout; each request that
// it authenticates renews it. authenticate.go says how that stays exact
// although the store is neither read nor written on each request.
package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2"

	"github.com/spskit/spskit/server/store"
)

// The errors of a refused login.
var (
	// ErrBadCredentials says that there is no such user, or that the password
	// is not theirs; it does not say which.
	ErrBadCredentials = errors.New("wrong user name or password")
	// ErrThrottled says that too many logins failed. See ThrottledError.
	ErrThrottled = errors.New("too many failed logins")
)

// ThrottledError says when the next attempt will be looked at. It matches
// ErrThrottled.
type ThrottledError struct{ RetryAfter time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%v: try again in %v", ErrThrottled, e.RetryAfter.Round(time.Millisecond))
}

// Is reports whether target is ErrThrottled.
func (e *ThrottledError) Is(target error) bool { return target == ErrThrottled }

// DefaultIdleTimeout is how long a login lives without a request, unless the
// options say otherwise.
const DefaultIdleTimeout = 10 * time.Minute

// Store is what the manager needs of a back end.
type Store interface {
	store.Users
	store.Logins
	store.APIKeys
}

// Options configure a Manager. The zero value of each has a sensible meaning.
type Options struct {
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// IdleTimeout is how long a login lives without a request;
	// DefaultIdleTimeout by default. Anything below a second counts as a second.
	IdleTimeout time.Duration
	// BcryptCost is the cost of new password hashes; bcrypt's default of 10 by
	// default.
	BcryptCost int
	// GroupRights returns the rights that a user has besides the account's own;
	// none by default.
	GroupRights func(ctx context.Context, user string) (store.Rights, error)
	// Rand is where tokens and generated passwords come from; crypto/rand by
	// default.
	Rand io.Reader
	// CacheSize is how many logins are held in memory; 16384 by default. More
	// logins than that only cost more reads.
	CacheSize int
	// UserFailures bounds the failed logins of one user from one address: 10,
	// and one more every 6 seconds, by default.
	UserFailures Budget
	// AddressFailures bounds the failed logins from one address, whatever the
	// user: 100, and one more every 600 ms, by default.
	AddressFailures Budget
}

// Manager decides who is logged in. It is safe for concurrent use.
type Manager struct {
	store     Store
	now       func() time.Time
	idle      atomic.Int64 // idle timeout in microseconds
	rand      io.Reader
	rights    func(ctx context.Context, user string) (store.Rights, error)
	passwords *passwords
	throttle  *throttle
	cache     *lru.Cache[store.LoginID, *entry]
}

// New returns a manager of the logins that s keeps.
func New(s Store, o Options) *Manager {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = DefaultIdleTimeout
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.CacheSize <= 0 {
		o.CacheSize = 1 << 14
	}
	m := &Manager{
		store:     s,
		now:       o.Now,
		rand:      o.Rand,
		rights:    o.GroupRights,
		passwords: newPasswords(o.BcryptCost, runtime.GOMAXPROCS(0)),
		throttle: newThrottle(
			o.UserFailures.or(Budget{Burst: 10, Every: 6 * time.Second}),
			o.AddressFailures.or(Budget{Burst: 100, Every: 600 * time.Millisecond}),
		),
		cache: newLRU[store.LoginID, *entry](o.CacheSize),
	}
	m.SetIdleTimeout(o.IdleTimeout)
	return m
}

// SetIdleTimeout changes how long a login lives without a request. Logins get
// the new timeout as they are renewed; a shorter one takes away nothing of the
// time that a login has been given already.
func (m *Manager) SetIdleTimeout(d time.Duration) {
	m.idle.Store(max(d, hold).Microseconds())
}

// IdleTimeout returns how long a login lives without a request.
func (m *Manager) IdleTimeout() time.Duration {
	return time.Duration(m.idle.Load()) * time.Microsecond
}

// Login checks a password and opens a login for the user. It fails with
// ErrBadCredentials, or with a *ThrottledError when too many attempts failed
// lately; then the right password is refused as well. An attempt takes equally
// long whether the user exists or not.
func (m *Manager) Login(ctx context.Context, user, password, address string) (Token, store.Login, error) {
	if len(user) > maxName {
		user = "" // nobody's name, as good as any other
	}
	// Looked at before waiting, so that those who are throttled hold up nobody,
	// and again when it is our turn, so that of attempts made at once only as
	// many slip through as are computed at once.
	if err := m.throttle.check(m.now(), user, address); err != nil {
		return "", store.Login{}, err
	}
	release, err := m.passwords.acquire(ctx)
	if err != nil {
		return "", store.Login{}, err
	}
	defer release()
	if err := m.throttle.check(m.now(), user, address); err != nil {
		return "", store.Login{}, err
	}

	u, err := m.store.User(ctx, user)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", store.Login{}, fmt.Errorf("reading user: %w", err)
	}
	ok, err := m.passwords.matches(u.PasswordHash, password)
	if err != nil {
		return "", store.Login{}, fmt.Errorf("password hash of %q: %w", user, err)
	}
	if !ok {
		m.throttle.failed(m.now(), user, address)
		return "", store.Login{}, ErrBadCredentials
	}
	m.throttle.succeeded(user, address)
	return m.open(ctx, u, address, MethodPassword)
}

// open creates a login of a user who proved who they are.
func (m *Manager) open(ctx context.Context, u store.User, address, method string) (Token, store.Login, error) {
	token, err := newToken(m.rand)
	if err != nil {
		return "", store.Login{}, err
	}
	id, _ := token.id()
	l, err := m.create(ctx, u, id, address, method)
	switch {
	case errors.Is(err, store.ErrNotFound): // deleted since
		return "", store.Login{}, ErrBadCredentials
	case err != nil:
		return "", store.Login{}, err
	}
	// A password that was changed while ours was being checked ended the logins
	// that existed then; it must not leave this one behind.
	switch again, err := m.store.User(ctx, u.Name); {
	case err == nil && again.PasswordHash == u.PasswordHash:
		return token, l, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return "", store.Login{}, fmt.Errorf("reading user again: %w", err)
	}
	if err := m.store.DeleteLogin(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", store.Login{}, fmt.Errorf("withdrawing login: %w", err)
	}
	return "", store.Login{}, ErrBadCredentials
}

// create stores a login of a user; store.ErrNotFound when the user is gone, and
// store.ErrExists when the login is there.
func (m *Manager) create(ctx context.Context, u store.User, id store.LoginID, address, method string) (store.Login, error) {
	rights, err := m.allRights(ctx, u)
	if err != nil {
		return store.Login{}, err
	}
	now := m.now().UTC().Truncate(time.Microsecond)
	l := store.Login{
		ID: id, User: u.Name, Rights: rights, Address: address, Method: method,
		CreatedAt: now, ExpiresAt: now.Add(m.IdleTimeout()),
	}
	if err := m.store.CreateLogin(ctx, l); err != nil {
		return store.Login{}, fmt.Errorf("creating login: %w", err)
	}
	return l, nil
}

// allRights are the account's rights and those of the user's groups.
func (m *Manager) allRights(ctx context.Context, u store.User) (store.Rights, error) {
	if m.rights == nil {
		return u.Rights, nil
	}
	rights, err := m.rights(ctx, u.Name)
	if err != nil {
		return store.Rights{}, fmt.Errorf("rights of user %q: %w", u.Name, err)
	}
	rights.Search = rights.Search || u.Rights.Search
	rights.ReadConfig = rights.ReadConfig || u.Rights.ReadConfig
	rights.EditConfig = rights.EditConfig || u.Rights.EditConfig
	return rights, nil
}

// newLRU returns a cache of that size, which must be positive: the one thing
// that the library's own constructor can fail at.
func newLRU[K comparable, V any](size int) *lru.Cache[K, V] {
	c, err := lru.New[K, V](size)
	if err != nil {
		panic(err)
	}
	return c
}
