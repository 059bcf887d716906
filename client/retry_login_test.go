package client_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
)

// A login is throttled for others' failures too, and is worth waiting for.
func TestRetryOfTheLogin(t *testing.T) {
	throttled := func(seconds int, then ...responder) (*script, *http.Client) {
		s := &script{answers: append(answers{func(r *http.Request) (*http.Response, error) {
			resp := response(r, 429, "application/json", strings.NewReader(`{"error":{"type":"TooManyRequests"}}`))
			resp.Header.Set("Retry-After", strconv.Itoa(seconds))
			return resp, nil
		}}, then...)}
		return s, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/api/authentication" {
				return s.respond(r)
			}
			return fine(r)
		})}
	}
	loggedIn := func(r *http.Request) (*http.Response, error) {
		resp, err := fine(r)
		resp.Header.Set("Set-Cookie", "session_id=1")
		return resp, err
	}
	var denied responder = func(r *http.Request) (*http.Response, error) {
		return response(r, 401, "application/json", strings.NewReader(`{"error":{"type":"AuthenticationFailure"}}`)), nil
	}
	t.Run("within the deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, h := throttled(6, loggedIn)
			c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
			if err := get(t.Context(), c); err != nil || len(s.at) != 2 || s.waits()[0] < 6*time.Second {
				t.Errorf("after %v: %v", s.waits(), err)
			}
		})
	})
	t.Run("beyond it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, h := throttled(6, loggedIn)
			c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password), client.WithTimeout(5*time.Second))
			began := time.Now()
			if err := get(t.Context(), c); !errors.Is(err, client.ErrTooManyRequests) || len(s.at) != 1 || time.Since(began) > 0 {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		})
	})
	t.Run("beyond the context's", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, h := throttled(6, loggedIn)
			c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			began := time.Now()
			if err := get(ctx, c); !errors.Is(err, client.ErrTooManyRequests) || len(s.at) != 1 || time.Since(began) > 0 {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		})
	})
	t.Run("a wrong password stays wrong", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, h := throttled(6, denied, loggedIn)
			c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
			if err := get(t.Context(), c); !errors.Is(err, client.ErrAuthenticationFailed) || len(s.at) != 2 {
				t.Errorf("%d logins, %v", len(s.at), err)
			}
		})
	})
}

// Whoever is in a hurry doesn't give up the login for those who are not.
func TestRetryOfTheLoginForThePatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{
			func(r *http.Request) (*http.Response, error) {
				<-time.After(time.Second) // so that both wait for this login
				return status(503, "Retry-After", "10")(r)
			},
			func(r *http.Request) (*http.Response, error) {
				resp, err := fine(r)
				resp.Header.Set("Set-Cookie", "session_id=1")
				return resp, err
			},
		}}
		c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
			client.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/api/authentication" {
					return s.respond(r)
				}
				return fine(r)
			})}))
		hurry, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		failed := make(chan error, 1)
		go func() { failed <- get(hurry, c) }()
		synctest.Wait()
		if err := get(t.Context(), c); err != nil {
			t.Errorf("the patient one: %v", err)
		}
		if err := <-failed; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the one in a hurry: %v", err)
		}
	})
}

// A request that finds its login ended by a logout doesn't make another.
func TestLogoutIsNotUndone(t *testing.T) {
	f := newFake(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	f.HandleFunc("GET /api/x", func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		fail(w, http.StatusUnauthorized, "Unauthenticated", "{}")
	})
	f.on("DELETE /api/authentication", `{}`)
	c := f.client(t)
	failed := make(chan error)
	go func() { failed <- get(t.Context(), c) }()
	<-arrived
	if err := c.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	close(release)
	select {
	case err := <-failed:
		if !errors.Is(err, client.ErrUnauthenticated) {
			t.Errorf("the error is %v", err)
		}
	case <-arrived:
		t.Errorf("the request is repeated; then %v", <-failed)
	}
	if f.loginCount() != 1 {
		t.Errorf("%d logins", f.loginCount())
	}
}
