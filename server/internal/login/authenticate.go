package login

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spskit/spskit/server/store"
)

// How a login's expiry is kept.
//
// Each request renews its login, but only one a second reads and writes the
// store: in between, a login is held and renewed in memory. What it is renewed by
// there must not be lost on other processes and after a restart, so the store is
// told an expiry that lies one hold after the true one:
//
//   - A process that saw the last request ends the login exactly when its idle
//     timeout is over. Any other one ends it then, or up to a second later, and
//     never earlier.
//   - A login that another process ended works here for a second at most.
//
// While another process writes for long, the store takes no renewals. The login
// goes on here with its exact expiry, and each hold tries to catch up. Until one
// succeeds, other processes, and this one after a restart, take the login to end
// when its last stored renewal does; and one that could not be stored for a whole
// idle timeout is over here as well.

// hold is how long a login that was read from the store is taken for true.
const hold = time.Second

// Authenticated is a login at the time of one request.
type Authenticated struct {
	store.Login // ExpiresAt as this request renewed it
	// Remaining is how long the login would have lived on without this request.
	Remaining time.Duration
}

// entry is a login in memory.
type entry struct {
	mu    sync.Mutex
	login store.Login // ExpiresAt is the true expiry
	read  time.Time   // when it was last read from the store; zero for never
	ended bool        // it never comes back
}

// Authenticate returns the login that the token stands for, and renews it;
// store.ErrNotFound when there is none, or none any more.
func (m *Manager) Authenticate(ctx context.Context, token Token) (Authenticated, error) {
	id, ok := token.id()
	if !ok {
		return Authenticated{}, store.ErrNotFound
	}
	return m.authenticate(ctx, id)
}

func (m *Manager) authenticate(ctx context.Context, id store.LoginID) (Authenticated, error) {
	now := m.now().UTC().Truncate(time.Microsecond)
	e := m.entry(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	renewed := now.Add(m.IdleTimeout())
	if age := now.Sub(e.read); e.ended || age >= hold || age < 0 || !now.Before(e.login.ExpiresAt) {
		if err := m.refresh(ctx, e, id, now, renewed); err != nil {
			return Authenticated{}, err
		}
	}
	a := Authenticated{Login: e.login, Remaining: e.login.ExpiresAt.Sub(now)}
	if renewed.After(e.login.ExpiresAt) {
		e.login.ExpiresAt = renewed
		a.ExpiresAt = renewed
	}
	return a, nil
}

// refresh reads the login and writes its renewal; the caller holds e.mu.
func (m *Manager) refresh(ctx context.Context, e *entry, id store.LoginID, now, renewed time.Time) error {
	if e.ended {
		return store.ErrNotFound
	}
	l, err := m.store.Login(ctx, id, now)
	if err == nil && !e.read.IsZero() {
		// Another process may have renewed it: what is stored is the truth and
		// one hold, but this process may know better.
		l.ExpiresAt = l.ExpiresAt.Add(-hold)
		if l.ExpiresAt.Before(e.login.ExpiresAt) {
			l.ExpiresAt = e.login.ExpiresAt
		}
		if !now.Before(l.ExpiresAt) {
			err = m.store.DeleteLogin(ctx, id)
			if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrBusy) {
				return fmt.Errorf("ending login: %w", err)
			}
			err = store.ErrNotFound
		}
	}
	if err == nil {
		err = m.store.ExtendLogin(ctx, id, now, renewed.Add(hold))
		if errors.Is(err, store.ErrBusy) {
			err = nil // the login exists, and the next hold will try again
		}
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		m.end(e, id)
		return store.ErrNotFound
	case err != nil:
		return fmt.Errorf("reading login: %w", err)
	}
	e.login, e.read = l, now
	return nil
}

// Alive returns nil while the login lives, without renewing it, and
// store.ErrNotFound when it has ended or expired. A login that this process has
// not read for a hold costs one reading of the store.
func (m *Manager) Alive(ctx context.Context, id store.LoginID) error {
	now := m.now().UTC().Truncate(time.Microsecond)
	e, cached := m.cache.Peek(id)
	if cached {
		e.mu.Lock()
		defer e.mu.Unlock()
		age := now.Sub(e.read)
		switch fresh := age >= 0 && age < hold; {
		case e.ended:
			return store.ErrNotFound
		case fresh && now.Before(e.login.ExpiresAt):
			return nil
		}
	}
	l, err := m.store.Login(ctx, id, now)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.ErrNotFound
	case err != nil:
		return fmt.Errorf("reading login: %w", err)
	}
	// As in refresh: what is stored is the truth and one hold.
	if cached && !e.read.IsZero() && !now.Before(e.login.ExpiresAt) && !now.Before(l.ExpiresAt.Add(-hold)) {
		return store.ErrNotFound
	}
	return nil
}

// entry returns the one entry of a login, new and empty if need be.
func (m *Manager) entry(id store.LoginID) *entry {
	if e, ok := m.cache.Get(id); ok {
		return e
	}
	e := new(entry)
	if first, ok, _ := m.cache.PeekOrAdd(id, e); ok {
		return first
	}
	return e
}

// end forgets a login that is no more, or never was; the caller holds e.mu.
func (m *Manager) end(e *entry, id store.LoginID) {
	e.ended = true
	m.cache.Remove(id)
}

// Logout ends the login of a token at once; store.ErrNotFound when there is none.
func (m *Manager) Logout(ctx context.Context, token Token) error {
	id, ok := token.id()
	if !ok {
		return store.ErrNotFound
	}
	return m.EndLogin(ctx, id)
}

// EndLogin ends a login at once; store.ErrNotFound when there is none.
func (m *Manager) EndLogin(ctx context.Context, id store.LoginID) error {
	e := m.entry(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	err := m.store.DeleteLogin(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		e.read = time.Time{} // it may have ended all the same
		return fmt.Errorf("ending login: %w", err)
	}
	m.end(e, id)
	return err
}

// Sweep deletes the logins that have expired.
func (m *Manager) Sweep(ctx context.Context) error {
	if _, err := m.store.DeleteExpiredLogins(ctx, m.now()); err != nil {
		return fmt.Errorf("deleting expired logins: %w", err)
	}
	return nil
}
