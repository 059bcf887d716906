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

// memory is a login store that tells what was done with it.
type memory struct {
	token string
	saved []string
	err   error
}

func (m *memory) LoadLogin(context.Context) (string, error) { return m.token, m.err }

func (m *memory) SaveLogin(_ context.Context, token string) error {
	m.token, m.saved = token, append(m.saved, token)
	return nil
}

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

func TestLoginStoreOutlivesTheClient(t *testing.T) {
	s, m := servertest.Start(t), &memory{}
	first, _ := stored(t, s, m, servertest.Password)
	if _, err := first.UserInfo(t.Context()); err != nil || m.token == "" {
		t.Fatalf("saved %q, error %v", m.token, err)
	}
	second, asked := stored(t, s, m, "not the password")
	if _, err := second.UserInfo(t.Context()); err != nil || asked.Load() != 0 {
		t.Errorf("asked for the password %d times, error %v", asked.Load(), err)
	}
	if err := second.Logout(t.Context()); err != nil || m.token != "" {
		t.Errorf("after the logout the store has %q, error %v", m.token, err)
	}
	if _, err := first.UserInfo(t.Context()); err != nil { // its login is over, and it makes another
		t.Error(err)
	}
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

func TestLoginStoreAfterExpiry(t *testing.T) {
	s, m := servertest.Start(t), &memory{token: "expired-long-ago"}
	c, asked := stored(t, s, m, servertest.Password)
	if _, err := c.UserInfo(t.Context()); err != nil || asked.Load() != 1 {
		t.Fatalf("asked %d times, error %v", asked.Load(), err)
	}
	if len(m.saved) != 1 || m.token == "expired-long-ago" {
		t.Errorf("saved %q", m.saved)
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

func TestLoginStoreFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	c, _ := stored(t, servertest.Start(t), &memory{err: broken}, servertest.Password)
	if _, err := c.UserInfo(t.Context()); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestPasswordFuncFails(t *testing.T) {
	refused := errors.New("nobody answers")
	s := servertest.Start(t)
	c, err := client.New(s.URL, client.WithCAFile(s.CAFile),
		client.WithPasswordFunc("admin", func(context.Context) (string, error) { return "", refused }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.UserInfo(t.Context()); !errors.Is(err, refused) {
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
