package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

// direct makes a client that reaches the fake without a network, so that the clock of
// a synctest bubble can run.
func (f *fake) direct(t *testing.T) *client.Client {
	t.Helper()
	return newClient(t, "http://sps", client.WithPassword(user, password), client.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			f.serve(w, r)
			return w.Result(), nil
		}),
	}))
}

// lockFor has somebody else hold the configuration for a while.
func (x *transactional) lockFor(held time.Duration, header http.Header) {
	began := time.Now()
	inner := x.ServeMux
	x.ServeMux = http.NewServeMux()
	x.Handle("/", inner)
	x.HandleFunc(openTx, func(w http.ResponseWriter, r *http.Request) {
		if time.Since(began) >= held {
			inner.ServeHTTP(w, r)
			return
		}
		for name, values := range header {
			w.Header()[name] = values
		}
		fail(w, 409, "ConfigurationLocked", `{"holder":"joe","opened_at":"2018-11-14T12:26:59Z"}`)
	})
}

func TestLockWait(t *testing.T) {
	for name, tt := range map[string]struct {
		held, most       time.Duration
		header           http.Header
		opened           bool
		took             time.Duration // at most
		fewest, attempts int           // between these
	}{
		"nobody holds it":       {0, time.Minute, nil, true, 0, 1, 1},
		"without waiting":       {time.Minute, 0, nil, false, 0, 1, 1},
		"less than nothing":     {time.Minute, -1, nil, false, 0, 1, 1},
		"given free":            {3 * time.Second, time.Minute, nil, true, 7 * time.Second, 4, 7},
		"long":                  {9 * time.Minute, 10 * time.Minute, nil, true, 10 * time.Minute, 54, 130},
		"too long":              {time.Hour, 30 * time.Second, nil, false, 30 * time.Second, 8, 20},
		"as the server demands": {7 * time.Second, time.Minute, http.Header{"Retry-After": {"5"}}, true, 10 * time.Second, 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTransactional(t) // its sockets would keep the bubble's clock from running
			synctest.Test(t, func(t *testing.T) {
				x.lockFor(tt.held, tt.header)
				began := time.Now()
				err := x.direct(t).Transaction(t.Context(), set("new"), client.WithLockWait(tt.most))
				took := time.Since(began)
				if took > tt.took || took < min(tt.held, tt.most) {
					t.Errorf("it took %s", took)
				}
				attempts := 0
				for _, r := range x.requests() {
					if r == openTx {
						attempts++
					}
				}
				if attempts < tt.fewest || attempts > tt.attempts {
					t.Errorf("%d attempts", attempts)
				}
				if tt.opened {
					if err != nil {
						t.Error(err)
					}
					x.state(t, "new")
					return
				}
				var answered *client.Error
				if !errors.Is(err, client.ErrLocked) || !errors.As(err, &answered) {
					t.Fatalf("the error is %v", err)
				}
				lock, ok := answered.Lock()
				want := client.Lock{Holder: "joe", OpenedAt: time.Date(2018, 11, 14, 12, 26, 59, 0, time.UTC)}
				if !ok || !lock.OpenedAt.Equal(want.OpenedAt) || lock.Holder != want.Holder || !lock.ExpiresAt.IsZero() {
					t.Errorf("the lock is %+v, %t", lock, ok)
				}
				if waited := strings.Contains(err.Error(), "waited"); waited != (tt.most > 0) {
					t.Errorf("the error is %v", err)
				}
				x.state(t, "")
			})
		})
	}
}

// A login that ends during the wait takes nothing along.
func TestLockWaitOutlivesTheLogin(t *testing.T) {
	x := newTransactional(t)
	synctest.Test(t, func(t *testing.T) {
		x.lockFor(time.Minute, nil)
		time.AfterFunc(30*time.Second, x.expire)
		if err := x.direct(t).Transaction(t.Context(), set("new"), client.WithLockWait(time.Hour)); err != nil {
			t.Error(err)
		}
		if x.loginCount() != 2 {
			t.Errorf("%d logins", x.loginCount())
		}
		x.state(t, "new")
	})
}

func TestLockWaitEndsWithItsContext(t *testing.T) {
	x := newTransactional(t)
	synctest.Test(t, func(t *testing.T) {
		x.lockFor(time.Hour, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		began := time.Now()
		c := x.direct(t)
		err := c.Transaction(ctx, set("new"), client.WithLockWait(time.Hour))
		if !errors.Is(err, client.ErrLocked) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 20*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if slices.Contains(x.requests(), rollbackTx) { // it would end the holder's, on an appliance with one lock for a user
			t.Error("rolled back what was not opened")
		}
		if err := c.Transaction(t.Context(), set("new")); !errors.Is(err, client.ErrLocked) {
			t.Errorf("the next one: %v", err)
		}
	})
}

// Two clients want the configuration of the stand-in, and get it one after the other.
func TestIntegrationLockWait(t *testing.T) {
	s, connect := start(t, "6.0")
	c := connect()
	refused := make(chan struct{})
	tell := sync.OnceFunc(func() { close(refused) })
	next := trusting(t, s)
	other := newClient(t, s.URL, client.WithPassword(servertest.Username, servertest.Password), client.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil && resp.StatusCode == http.StatusConflict {
				tell()
			}
			return resp, err
		}),
	}))
	done := make(chan error, 1)
	err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
		go func() {
			done <- other.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
				options, err := tx.Options(ctx, client.ProtocolVNC)
				if err != nil {
					return err
				}
				if *options.Service.LogLevel != 9 {
					return fmt.Errorf("it began before the other was committed: %d", *options.Service.LogLevel)
				}
				return setLogLevel(2)(ctx, tx)
			}, client.WithLockWait(time.Hour))
		}()
		<-refused
		return setLogLevel(9)(ctx, tx)
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if got := logLevel(t, c); got != 2 {
		t.Errorf("the level is %d", got)
	}
}

func TestConflictAndLockOfOtherErrors(t *testing.T) {
	for _, e := range []*client.Error{{}, {Type: client.TypeNotFound, Status: 404, Details: map[string]any{"path": "/x", "holder": "joe"}}} {
		if lock, ok := e.Lock(); ok || e.Conflict() != "" {
			t.Errorf("%v: %v, %q", e, lock, e.Conflict())
		}
	}
	e := &client.Error{Type: client.TypeTransactionConflict, Status: 409, Details: map[string]any{"path": "/x"}}
	if e.Conflict() != "/x" {
		t.Errorf("the conflict is at %q", e.Conflict())
	}
}
