package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

func TestIntegrationCertificate(t *testing.T) {
	ca := servertest.NewCA(t)
	s := servertest.Start(t, servertest.WithClientCA(ca))
	certified := func(ca *servertest.CA, user string, opts ...client.Option) *client.Client {
		return newClient(t, s.URL, append([]client.Option{
			client.WithCAFile(s.CAFile), client.WithClientCertificate(ca.Issue(t, user)),
		}, opts...)...)
	}
	for name, c := range map[string]*client.Client{
		"certificate":            certified(ca, servertest.Username),
		"and a login method":     certified(ca, servertest.Username, client.WithLoginMethod("x509")),
		"with its files":         newClient(t, s.URL, client.WithCAFile(s.CAFile), withFiles(t, ca.Issue(t, servertest.Username))),
		"and the caller's proxy": certified(ca, servertest.Username, client.WithHTTPClient(&http.Client{Transport: &http.Transport{}})),
	} {
		for range 2 {
			who, err := c.UserInfo(t.Context())
			if err != nil || who.Name != servertest.Username || who.LoginMethod != "x509" {
				t.Errorf("%s: logged in %+v, %v", name, who, err)
			}
			s.Clock.Advance(time.Hour) // and it logs in again
		}
		if err := c.Logout(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := certified(ca, "nobody").Login(t.Context()); !errors.Is(err, client.ErrAuthenticationFailed) {
		t.Errorf("a user that there isn't: %v", err)
	}
	if err := certified(ca, servertest.Username, client.WithLoginMethod("local")).Login(t.Context()); !errors.Is(err, client.ErrInvalidQuery) {
		t.Errorf("a login method for passwords: %v", err)
	}
	if err := certified(servertest.NewCA(t), servertest.Username).Login(t.Context()); err == nil {
		t.Error("another CA's certificate logs in")
	}
	plain := servertest.Start(t)
	c := newClient(t, plain.URL, client.WithCAFile(plain.CAFile), client.WithClientCertificate(ca.Issue(t, servertest.Username)))
	if err := c.Login(t.Context()); !errors.Is(err, client.ErrAuthenticationFailed) {
		t.Errorf("an appliance that takes no certificates: %v", err)
	}
}

func TestIntegrationAPIKey(t *testing.T) {
	bothGenerations(t, func(t *testing.T, s *servertest.Server, connect func(...client.Option) *client.Client) {
		c := newClient(t, s.URL, client.WithCAFile(s.CAFile), client.WithAPIKey(s.APIKey(t, servertest.Username)))
		if who, err := c.UserInfo(t.Context()); err != nil || who.Name != servertest.Username {
			t.Errorf("the user is %+v, %v", who, err)
		}
		if info, err := c.Info(t.Context()); err != nil || info.Version == "" {
			t.Errorf("got %+v, %v", info, err)
		}
		if err := c.Transaction(t.Context(), setLogLevel(9)); err != nil {
			t.Error(err)
		}
		if got := logLevel(t, connect()); got != 9 {
			t.Errorf("the level is %d", got)
		}
		s.Clock.Advance(time.Hour)
		if got := logLevel(t, c); got != 9 {
			t.Errorf("an hour later it is %d", got)
		}
		if err := c.Login(t.Context()); err != nil {
			t.Error(err)
		}
		wrong := newClient(t, s.URL, client.WithCAFile(s.CAFile), client.WithAPIKey(strings.Repeat("0", 40)))
		if err := wrong.Login(t.Context()); !errors.Is(err, client.ErrAuthenticationFailed) {
			t.Errorf("a wrong key: %v", err)
		}
	})
}

// A transaction of a key is lost as well when the key is idle for too long.
func TestIntegrationAPIKeyIdle(t *testing.T) {
	bothGenerations(t, func(t *testing.T, s *servertest.Server, connect func(...client.Option) *client.Client) {
		c := newClient(t, s.URL, client.WithCAFile(s.CAFile), client.WithAPIKey(s.APIKey(t, servertest.Username)))
		for name, later := range map[string]func(context.Context, *client.Tx) error{
			"nothing": func(context.Context, *client.Tx) error { return nil }, "a change": setLogLevel(7),
		} {
			err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
				if err := setLogLevel(9)(ctx, tx); err != nil {
					return err
				}
				s.Clock.Advance(time.Hour)
				return later(ctx, tx)
			})
			if !errors.Is(err, client.ErrNoTransaction) {
				t.Errorf("%s: the error is %v", name, err)
			}
			if got := logLevel(t, connect()); got != 4 {
				t.Errorf("%s: the level is %d", name, got)
			}
		}
	})
}

func TestIntegrationLoginStore(t *testing.T) {
	s, connect := start(t, "6.0")
	store := &memory{}
	run := func() { // as one run of a command
		t.Helper()
		if _, err := connect(client.WithLoginStore(store)).UserInfo(t.Context()); err != nil {
			t.Error(err)
		}
	}
	run()
	run()
	if len(store.saves) != 1 {
		t.Errorf("%d logins", len(store.saves))
	}
	s.Clock.Advance(time.Hour)
	run()
	run()
	if len(store.saves) != 2 || store.saves[0] == store.saves[1] {
		t.Errorf("%d logins", len(store.saves))
	}
	old := &memory{token: store.token}
	alone := newClient(t, s.URL, client.WithCAFile(s.CAFile), client.WithLoginStore(old))
	if _, err := alone.UserInfo(t.Context()); err != nil {
		t.Errorf("with the stored login alone: %v", err)
	}
	if err := connect(client.WithLoginStore(store)).Logout(t.Context()); err != nil || store.token != "" {
		t.Errorf("the logout left something: %v", err)
	}
	s.Clock.Advance(2 * time.Second) // for a second the server may take a login for alive
	if _, err := alone.UserInfo(t.Context()); !errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("after the logout: %v", err)
	}
}

// A page that is not to be had for the moment interrupts nothing.
func TestIntegrationRetry(t *testing.T) {
	s := servertest.Start(t, servertest.WithHTTP())
	s.Seed(t, 40, 1)
	requests := 0
	h := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/api/audit/sessions" {
			if requests++; requests%2 == 0 {
				body := `{"error":{"type":"ServiceUnavailable","message":"busy","details":{}}}`
				return response(r, 503, "application/json", strings.NewReader(body)), nil
			}
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	policy := client.RetryPolicy{BaseDelay: time.Microsecond}
	c := newClient(t, s.URL, client.WithHTTPClient(h), client.WithPassword(servertest.Username, servertest.Password), client.WithRetry(policy))
	sessions, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{Limit: 10}))
	if err != nil || len(sessions) != 40 {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
	if requests < 7 { // four pages, and the second to fourth once more
		t.Errorf("only %d requests for pages", requests)
	}
}

// Nobody waits minutes for one of the user's snapshots to expire.
func TestIntegrationSnapshotQuota(t *testing.T) {
	_, connect := start(t, "8.0")
	for i := range 100 {
		c := connect(client.WithUserAgent(fmt.Sprint("agent", i)))
		_, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{Snapshot: true}))
		if err == nil {
			continue
		}
		var failure *client.Error
		if !errors.Is(err, client.ErrTooManyRequests) || !errors.As(err, &failure) || failure.RetryAfter <= client.DefaultRetryPolicy().MaxElapsed {
			t.Errorf("the error is %v", err)
		}
		return
	}
	t.Error("there is no quota")
}
