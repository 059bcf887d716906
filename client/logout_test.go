package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
)

const logOut = "DELETE /api/authentication"

// A logout that fails leaves everything as it was, so that it can be made again.
func TestLogoutCanBeRepeated(t *testing.T) {
	f, store := newFake(t), &memory{}
	f.HandleFunc(logOut, func(w http.ResponseWriter, _ *http.Request) { fail(w, 500, "InternalError", "{}") })
	c := f.client(t, client.WithLoginStore(store))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.requests()
	for range 2 {
		if err := c.Logout(t.Context()); !errors.Is(err, client.ErrInternal) {
			t.Errorf("the error is %v", err)
		}
		if r := f.requests(); len(r) != 1 || r[0] != logOut || store.token == "" {
			t.Errorf("requests %v", r)
		}
	}
	f.expire()
	if err := c.Logout(t.Context()); err != nil || store.token != "" {
		t.Errorf("after its end: %v", err)
	}
}

func TestLogoutIsRetried(t *testing.T) {
	f := newFake(t)
	asked := 0
	f.HandleFunc(logOut, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			fail(w, 503, "ServiceUnavailable", "{}")
			return
		}
		answer(w, `{"meta":{}}`)
	})
	c := f.client(t, client.WithRetry(client.RetryPolicy{BaseDelay: time.Microsecond}))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Logout(t.Context()); err != nil || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

// What another process has saved meanwhile is its own.
func TestLogoutLeavesANewerLogin(t *testing.T) {
	f, store := newFake(t), &memory{}
	f.on(logOut, `{"meta":{}}`)
	old, newer := f.client(t, client.WithLoginStore(store)), f.client(t, client.WithLoginStore(store))
	if err := errors.Join(old.Login(t.Context()), newer.Login(t.Context())); err != nil {
		t.Fatal(err)
	}
	kept := store.token
	if err := old.Logout(t.Context()); err != nil || store.token != kept {
		t.Errorf("the store has %q, %v", string(store.token), err)
	}
}

// A logout that doesn't live to see the login that it ends can be made again.
func TestLogoutDuringALogin(t *testing.T) {
	f, store := newFake(t), &memory{}
	f.on(logOut, `{"meta":{}}`)
	asked, release := make(chan struct{}), make(chan struct{})
	c := newClient(t, f.URL, client.WithLoginStore(store), client.WithPasswordFunc(user, func(context.Context) (string, error) {
		close(asked)
		<-release
		return password, nil
	}))
	login := make(chan error, 1)
	go func() { login <- c.Login(t.Context()) }()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Logout(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	close(release)
	if err := <-login; err != nil {
		t.Error(err)
	}
	f.requests()
	if err := c.Logout(t.Context()); err != nil || store.token != "" {
		t.Errorf("the store has %q, %v", string(store.token), err)
	}
	if r := f.requests(); len(r) != 1 || r[0] != logOut {
		t.Errorf("requests %v", r)
	}
}
