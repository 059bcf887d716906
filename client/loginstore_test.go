package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

// stored makes a client with a store, and counts how often it is asked for the password.
func stored(t *testing.T, s *servertest.Server, store client.LoginStore, password string) (*client.Client, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	c, err := client.New(s.URL, client.WithCAFile(s.CAFile), client.WithLoginStore(store),
		client.WithPasswordFunc(servertest.Username, func(context.Context) (string, error) {
			asked.Add(1)
			return password, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	return c, &asked
}

// A client that has not used the stored login ends it all the same.
func TestLogoutEndsTheStoredLogin(t *testing.T) {
	s, m := servertest.Start(t), &memory{}
	first, _ := stored(t, s, m, servertest.Password)
	if err := first.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	token := m.token
	second, asked := stored(t, s, m, servertest.Password)
	if err := second.Logout(t.Context()); err != nil || m.token != "" || asked.Load() != 0 {
		t.Fatalf("the store has %q, asked %d times, error %v", m.token, asked.Load(), err)
	}
	m.token = token
	third, asked := stored(t, s, m, servertest.Password)
	if _, err := third.UserInfo(t.Context()); err != nil || asked.Load() != 1 || m.token == token {
		t.Errorf("the ended login still holds: asked %d times, error %v", asked.Load(), err)
	}
}

// Login proves the password, whatever is in the store.
func TestLoginIgnoresTheStoredLogin(t *testing.T) {
	s, m := servertest.Start(t), &memory{}
	first, _ := stored(t, s, m, servertest.Password)
	if err := first.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, _ := stored(t, s, m, "wrong")
	if err := second.Login(t.Context()); !errors.Is(err, client.ErrAuthenticationFailed) {
		t.Errorf("error %v", err)
	}
}

func TestRoundTripperSeesWhatIsSent(t *testing.T) {
	s := servertest.Start(t)
	var seen []string
	c, err := client.New(s.URL, client.WithCAFile(s.CAFile), client.WithPassword(servertest.Username, servertest.Password),
		client.WithRoundTripper(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				seen = append(seen, r.Method+" "+r.URL.Path)
				return next.RoundTrip(r)
			})
		}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.UserInfo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(seen, ", "), "GET /api/authentication, GET /api/user_info"; got != want {
		t.Errorf("saw %s, want %s", got, want)
	}
}
