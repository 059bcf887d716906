package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// LoginStore keeps the login of one user at one appliance beyond the life of a
// Client, so that short programs need not log in each time they run. Its token is as
// good as the password until it expires. It is called by one goroutine at a time.
type LoginStore interface {
	// LoadLogin gives the token that was saved last, or an empty one if there is none.
	LoadLogin(ctx context.Context) (token string, err error)
	// SaveLogin keeps a token, and forgets the one it has if the token is empty.
	SaveLogin(ctx context.Context, token string) error
}

// WithLoginStore uses the login that is in the store for as long as the appliance
// takes it, and saves new ones there. Logout forgets the stored one too. An error of
// the store is the error of the call that needed it.
func WithLoginStore(store LoginStore) Option {
	return func(s *settings) error {
		if store == nil {
			return errors.New("the login store is nil")
		}
		s.loginStore = store
		return nil
	}
}

// WithPasswordFunc logs in as WithPassword does, with a password that is asked for at
// each login and not before. With a LoginStore most programs then never need it. An
// error of the function is the error of the call that needed a login.
func WithPasswordFunc(user string, password func(context.Context) (string, error)) Option {
	return func(s *settings) error {
		if password == nil {
			return errors.New("the password function is nil")
		}
		if err := WithPassword(user, "")(s); err != nil {
			return err
		}
		s.passwordFunc = password
		return nil
	}
}

// WithRoundTripper puts a layer around what sends the requests, which is handed over
// as next, with the options for certificates applied. The layer sees every request as
// it goes over the wire, logins with their passwords included, and must not change it.
func WithRoundTripper(layer func(next http.RoundTripper) http.RoundTripper) Option {
	return func(s *settings) error {
		if layer == nil {
			return errors.New("the layer is nil")
		}
		s.roundTripper = layer
		return nil
	}
}

// stored gives the login that is in the store, unless it is the one that the appliance
// has refused.
func (l *loginLayer) stored(ctx context.Context) (string, error) {
	if l.store == nil {
		return "", nil
	}
	token, err := l.store.LoadLogin(ctx)
	if err != nil {
		return "", fmt.Errorf("load the login: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if token == l.refused || strings.ContainsAny(token, "; \r\n") {
		return "", nil
	}
	return token, nil
}

// save keeps a login that was made, or forgets it if the token is empty.
func (l *loginLayer) save(ctx context.Context, token string) error {
	if l.store == nil {
		return nil
	}
	if err := l.store.SaveLogin(ctx, token); err != nil {
		return fmt.Errorf("save the login: %w", err)
	}
	return nil
}
