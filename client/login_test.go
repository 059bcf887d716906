package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

func TestLoginAtFirstUse(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"key":"about_info","body":{"hostname":"sps"},"meta":{}}`)
	c := f.client(t)
	if got := f.loginCount(); got != 0 {
		t.Fatalf("New made %d logins", got)
	}
	for range 2 {
		info, err := c.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.Hostname != "sps" {
			t.Errorf("the hostname is %q", info.Hostname)
		}
	}
	want := []string{"GET /api/authentication", "GET /api/info", "GET /api/info"}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestLoginRequest(t *testing.T) {
	f := newFake(t)
	c := f.client(t, client.WithLoginMethod("lo cal"), client.WithUserAgent("tester/1"))
	for range 2 { // the second replaces the first, so it must not carry its cookie
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := f.last()
		if got := r.URL.Query().Get("login_method"); got != "lo cal" {
			t.Errorf("login_method is %q", got)
		}
		if r.Header.Get("Cookie") != "" {
			t.Error("the login carries a cookie")
		}
		if got := r.UserAgent(); got != "tester/1" {
			t.Errorf("the user agent is %q", got)
		}
		if got := r.Header.Get("Accept"); got != "application/json" {
			t.Errorf("Accept is %q", got)
		}
	}
}

func TestCredentialsGoNowhereElse(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{}}`)
	c := f.client(t)
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := f.last(); r.Header.Get("Authorization") != "" {
		t.Error("a request after the login carries the password")
	}
	if got, want := f.last().Header.Get("Cookie"), "session_id=0000000000000000000000000000000000000001"; got != want {
		t.Errorf("the cookie is %q, want %q", got, want)
	}
}

func TestOneLoginForAll(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{}}`)
	c := f.client(t)
	for round := 1; round <= 2; round++ {
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				if _, err := c.Info(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := f.loginCount(); got != round {
			t.Errorf("%d logins in round %d", got, round)
		}
		f.expire()
	}
}

func TestLoginAgainAfterExpiry(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{}}`)
	c := f.client(t)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.requests()
	f.expire()
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /api/info", "GET /api/authentication", "GET /api/info"}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestLoginAgainOnlyOnce(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/info", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusUnauthorized, "Unauthenticated", `{"path":"/api/info"}`)
	})
	c := f.client(t)
	_, err := c.Info(t.Context())
	if !errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("the error is %v", err)
	}
	var answered *client.Error
	if !errors.As(err, &answered) || answered.Detail("path") != "/api/info" || answered.Message != "told by the fake" {
		t.Errorf("the answer is gone from the error: %#v", answered)
	}
	want := []string{"GET /api/authentication", "GET /api/info", "GET /api/authentication", "GET /api/info"}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// A proxy's 401 says nothing about the login.
func TestNoLoginForAForeign401(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusUnauthorized)
		},
		"other type": func(w http.ResponseWriter, _ *http.Request) {
			fail(w, http.StatusUnauthorized, "AuthenticationFailure", "{}")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.HandleFunc("GET /api/info", handler)
			if _, err := f.client(t).Info(t.Context()); err == nil {
				t.Error("no error")
			}
			if got := f.loginCount(); got != 1 {
				t.Errorf("%d logins", got)
			}
		})
	}
}

func TestWritesAreNotRepeated(t *testing.T) {
	f := newFake(t)
	f.on("PUT /api/configuration/vnc/options", `{}`)
	c := f.client(t)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.expire()
	f.requests()
	put := func() error { return c.StrayPut(t.Context(), "/api/configuration/vnc/options", map[string]int{"a": 1}) }
	if err := put(); !errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff([]string{"PUT /api/configuration/vnc/options"}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if err := put(); err != nil {
		t.Errorf("the next try failed: %v", err)
	}
}

func TestWrongPassword(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.URL, client.WithPassword(user, "wrong-"+password))
	_, err := c.Info(t.Context())
	if !errors.Is(err, client.ErrAuthenticationFailed) || errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("the error is %v", err)
	}
	checkNoSecrets(t, err.Error())
	if diff := cmp.Diff([]string{"GET /api/authentication"}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestLoginWithoutCookie(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "other", Value: "1"})
		answer(w, `{"meta":{}}`)
	}))
	defer s.Close()
	err := newClient(t, s.URL, client.WithPassword(user, password)).Login(t.Context())
	if !errors.Is(err, client.ErrUnexpectedAnswer) {
		t.Errorf("the error is %v", err)
	}
}

func TestWithoutCredentials(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.URL)
	if err := c.Login(t.Context()); !errors.Is(err, client.ErrNoCredentials) {
		t.Errorf("Login: %v", err)
	}
	if _, err := c.Info(t.Context()); !errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("Info: %v", err)
	}
	if diff := cmp.Diff([]string{"GET /api/info"}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestLogout(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("DELETE /api/authentication", func(w http.ResponseWriter, _ *http.Request) {
		f.expire()
		answer(w, `{"meta":{}}`)
	})
	f.on("GET /api/info", `{"body":{}}`)
	c := f.client(t)
	if err := c.Logout(t.Context()); err != nil || len(f.requests()) != 0 {
		t.Errorf("a logout without a login: %v", err)
	}
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /api/authentication", "DELETE /api/authentication", "GET /api/authentication", "GET /api/info"}
	if diff := cmp.Diff(want, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	f.expire()
	if err := c.Logout(t.Context()); err != nil {
		t.Errorf("logout of an expired login: %v", err)
	}
}

// Whoever gives up waiting must not spoil the login for the others.
func TestLoginOutlivesWhoeverBeganIt(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/authentication" {
			close(asked) // a second login would panic
			<-release
			http.SetCookie(w, &http.Cookie{Name: "session_id", Value: "1"})
		}
		answer(w, `{"body":{}}`)
	}))
	defer s.Close()
	c := newClient(t, s.URL, client.WithPassword(user, password))

	ctx, cancel := context.WithCancel(t.Context())
	impatient := make(chan error)
	go func() {
		_, err := c.Info(ctx)
		impatient <- err
	}()
	<-asked
	patient := make(chan error)
	go func() {
		_, err := c.Info(t.Context())
		patient <- err
	}()
	cancel()
	if err := <-impatient; !errors.Is(err, context.Canceled) {
		t.Errorf("the one that gave up got %v", err)
	}
	close(release)
	if err := <-patient; err != nil {
		t.Errorf("the one that waited got %v", err)
	}
}

// The login that is on its way when somebody logs out is not kept either.
func TestLogoutWhileLoggingIn(t *testing.T) {
	asked, release := make(chan struct{}, 1), make(chan struct{}, 1) // for each login
	var mu sync.Mutex
	valid := map[string]bool{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("session_id")
		switch login := r.URL.Path == "/api/authentication"; {
		case login && r.Method == http.MethodGet:
			asked <- struct{}{}
			<-release
			mu.Lock()
			defer mu.Unlock()
			valid["1"] = true
			http.SetCookie(w, &http.Cookie{Name: "session_id", Value: "1"})
		case login:
			mu.Lock()
			defer mu.Unlock()
			delete(valid, cookie.Value)
		default:
			mu.Lock()
			defer mu.Unlock()
			if !valid[cookie.Value] {
				fail(w, http.StatusUnauthorized, "Unauthenticated", "{}")
				return
			}
		}
		answer(w, `{"body":{}}`)
	}))
	defer s.Close()
	c := newClient(t, s.URL, client.WithPassword(user, password))
	info, logout := make(chan error), make(chan error)
	go func() {
		_, err := c.Info(t.Context())
		info <- err
	}()
	<-asked
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Logout(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("a logout that cannot wait: %v", err)
	}
	release <- struct{}{}
	if err := <-info; err != nil {
		t.Errorf("the request that logged in: %v", err)
	}
	release <- struct{}{} // for a second login, so that it wouldn't hang
	if _, err := c.Info(t.Context()); err != nil {
		t.Error(err)
	}
	select {
	case <-asked:
		t.Fatal("after a logout that failed, the login is not kept")
	default:
		<-release
	}

	if err := c.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := c.Info(t.Context())
		info <- err
	}()
	<-asked
	go func() { logout <- c.Logout(t.Context()) }()
	release <- struct{}{}
	if err := <-info; err != nil && !errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("the request that logged in: %v", err)
	}
	if err := <-logout; err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(valid) != 0 {
		t.Error("a login is left")
	}
}

// To an expired login the answer is an anonymous client's, not an error.
func TestInfoAfterExpiry(t *testing.T) {
	const anonymous, full = `{"body":{"hostname":"sps"},"meta":{"remaining_seconds":0}}`, `{"body":{"hostname":"sps","version":"6.0"},"meta":{"remaining_seconds":600}}`
	var mu sync.Mutex
	valid, logins, asked := false, 0, 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.URL.Path == "/api/authentication":
			valid = true
			logins++
			http.SetCookie(w, &http.Cookie{Name: "session_id", Value: "1"})
			answer(w, `{}`)
		case r.URL.Path == "/api/transaction":
			w.WriteHeader(http.StatusCreated)
		case valid && r.Header.Get("Cookie") != "":
			asked++
			answer(w, full)
		default:
			asked++
			answer(w, anonymous)
		}
	}))
	defer s.Close()
	expire := func() {
		mu.Lock()
		defer mu.Unlock()
		valid = false
	}
	c := newClient(t, s.URL, client.WithPassword(user, password))
	for range 2 {
		info, err := c.Info(t.Context())
		if err != nil || info.Version != "6.0" {
			t.Errorf("got %+v, %v", info, err)
		}
		expire()
	}
	if logins != 2 || asked != 3 {
		t.Errorf("%d logins, asked %d times", logins, asked)
	}
	if info, err := newClient(t, s.URL).Info(t.Context()); err != nil || info.Hostname != "sps" || asked != 4 {
		t.Errorf("without credentials: %+v, %v, asked %d times", info, err, asked)
	}
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := c.Transaction(t.Context(), func(ctx context.Context, _ *client.Tx) error {
		expire()
		_, err := c.Info(ctx)
		return err
	})
	if !errors.Is(err, client.ErrTransactionLost) {
		t.Errorf("in a transaction: %v", err)
	}
}
