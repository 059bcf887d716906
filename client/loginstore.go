package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// isToken tells whether a text can be sent in a cookie.
func isToken(t Secret) bool {
	return t != "" && !strings.ContainsFunc(string(t), func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r)
	})
}

// LoginStore keeps a login when the client is gone, such as between two runs of a
// command. A login belongs to one user of one appliance, and so does a store. Whoever
// can read what it keeps is logged in.
type LoginStore interface {
	// Load returns the token that was saved last, and "" if there is none.
	Load(ctx context.Context) (Secret, error)
	// Save keeps the token of a new login in place of the one before.
	Save(ctx context.Context, t Secret) error
	// Clear forgets a token that has ended, but not another one that is kept by now.
	Clear(ctx context.Context, ended Secret) error
}

// WithLoginStore begins with the login that the store has, and saves every new one.
// When the appliance doesn't know the stored login any more the client makes a new one,
// as after every expiry. Logout clears the store, unless somebody has saved another login. Without credentials the stored login
// is all there is.
//
// Clients that share a store, in one process or several, share the login, and with it
// the login's one transaction; see Transaction.
//
// A store that fails doesn't stop a call: the client logs in, and tells the logger, at
// level Warn. Only Logout returns a store's error.
func WithLoginStore(store LoginStore) Option {
	return func(s *settings) error {
		if store == nil {
			return errors.New("the login store is nil")
		}
		s.store = store
		return nil
	}
}

// obtain gets a login: the stored one if load says so and there is one, or else a new
// one. It returns no token if there is neither that nor a way to log in.
func (l *loginLayer) obtain(ctx context.Context, load bool, f *flight) (Secret, error) {
	if load {
		token, err := l.store.Load(ctx)
		switch {
		case err != nil:
			l.log.WarnContext(ctx, "SPS API: load the stored login", "error", err)
		case isToken(token):
			return token, nil
		case token != "":
			l.log.WarnContext(ctx, "SPS API: the stored login is none")
		}
	}
	if !l.credentials.logIn() {
		return "", nil
	}
	token, err := l.request(ctx)
	if err == nil && l.store != nil && l.current(f) {
		if err := l.store.Save(ctx, token); err != nil {
			l.log.WarnContext(ctx, "SPS API: save the login", "error", err)
		}
	}
	return token, err
}

// clearStore says that the login with this token has ended.
func (l *loginLayer) clearStore(ctx context.Context, ended Secret) error {
	if l.store == nil {
		return nil
	}
	if err := l.store.Clear(ctx, ended); err != nil {
		return fmt.Errorf("log out: clear the stored login: %w", err)
	}
	return nil
}
