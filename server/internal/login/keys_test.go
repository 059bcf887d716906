package login_test

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

const address = "192.0.2.1"

func mustKey(t *testing.T, m *login.Manager) (login.Key, string) {
	t.Helper()
	key, name, err := m.CreateKey(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	return key, name
}

func TestKeyActsAsOneLogin(t *testing.T) {
	var c clock
	s := openStore(t)
	m := newManager(t, s, login.Options{Now: c.now})
	key, name := mustKey(t, m)
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(string(key)) || len(name) != 8 || regexp.MustCompile(name).MatchString(string(key)) {
		t.Errorf("key %s, name %s", string(key), name)
	}
	if printed := fmt.Sprintf("%v %s %#v", key, key, key); regexp.MustCompile(string(key)).MatchString(printed) {
		t.Errorf("the key prints as %s", printed)
	}
	first, err := m.AuthenticateKey(t.Context(), key, address)
	if err != nil {
		t.Fatal(err)
	}
	if first.User != "ann" || first.Rights != rights || first.Method != login.MethodKey || first.Address != address || first.Remaining != idle {
		t.Errorf("acts as %+v", first)
	}
	if _, _, err := s.OpenTransaction(t.Context(), first.ID, c.now(), false); err != nil {
		t.Fatal(err)
	}
	c.set(idle - time.Second)
	again, err := m.AuthenticateKey(t.Context(), key, "198.51.100.1")
	if err != nil || again.ID != first.ID || again.Remaining != time.Second {
		t.Errorf("then as %+v, %v", again, err)
	}
	if _, err := s.Transaction(t.Context(), first.ID); err != nil {
		t.Errorf("the transaction: %v", err)
	}
	c.set(3 * idle) // nobody has swept, and the login is still stored
	later, err := m.AuthenticateKey(t.Context(), key, address)
	if err != nil || later.ID != first.ID || later.Remaining != idle {
		t.Errorf("later as %+v, %v", later, err)
	}
	if _, err := s.Transaction(t.Context(), first.ID); !errors.Is(err, store.ErrNoTransaction) {
		t.Errorf("the transaction outlived its login: %v", err)
	}
	if _, err := m.Authenticate(t.Context(), login.Token(key)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a key is taken for a token: %v", err)
	}
	if _, err := m.AuthenticateKey(t.Context(), login.Key(mustLogin(t, m)), address); !errors.Is(err, login.ErrBadCredentials) {
		t.Errorf("a token is taken for a key: %v", err)
	}
}

// Another process finds the login that is there.
func TestKeyInTwoProcesses(t *testing.T) {
	var c clock
	s := openStore(t)
	m := newManager(t, s, login.Options{Now: c.now})
	other := login.New(s, login.Options{Now: c.now})
	key, _ := mustKey(t, m)
	for round := range 3 {
		var wg sync.WaitGroup
		for range 8 {
			for _, m := range []*login.Manager{m, other} {
				wg.Go(func() {
					if _, err := m.AuthenticateKey(t.Context(), key, address); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		c.set(time.Duration(round+1) * 2 * idle)
	}
}

func TestRevokeKey(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{Now: c.now})
	key, name := mustKey(t, m)
	c.set(time.Second)
	kept, keptName := mustKey(t, m)
	for _, k := range []login.Key{key, kept} {
		if _, err := m.AuthenticateKey(t.Context(), k, address); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := m.ListKeys(t.Context(), "ann")
	if err != nil || len(keys) != 2 || login.KeyName(keys[0].ID) != name || login.KeyName(keys[1].ID) != keptName || !keys[0].CreatedAt.Equal(start) {
		t.Errorf("keys %v, %v", keys, err)
	}
	if err := m.RevokeKey(t.Context(), "ann", name); err != nil {
		t.Fatal(err)
	}
	if _, err := m.AuthenticateKey(t.Context(), key, address); !errors.Is(err, login.ErrBadCredentials) {
		t.Errorf("a revoked key: %v", err)
	}
	if _, err := m.AuthenticateKey(t.Context(), kept, address); err != nil {
		t.Errorf("the other key: %v", err)
	}
	if err := m.RevokeKey(t.Context(), "ann", name); !errors.Is(err, login.ErrNoKey) {
		t.Errorf("once more: %v", err)
	}
	for _, err := range []error{
		m.RevokeKey(t.Context(), "bob", keptName),
		func() error { _, _, err := m.CreateKey(t.Context(), "bob"); return err }(),
		func() error { _, err := m.ListKeys(t.Context(), "bob"); return err }(),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a user that there isn't: %v", err)
		}
	}
	if err := m.DeleteUser(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.AuthenticateKey(t.Context(), kept, address); !errors.Is(err, login.ErrBadCredentials) {
		t.Errorf("the key of a deleted user: %v", err)
	}
}

func TestKeysAreThrottled(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{Now: c.now, UserFailures: login.Budget{Burst: 3, Every: time.Minute}})
	used, _ := mustKey(t, m)
	fresh, _ := mustKey(t, m)
	if _, err := m.AuthenticateKey(t.Context(), used, address); err != nil {
		t.Fatal(err)
	}
	for i, wrong := range []login.Key{"", "x", "0123456789012345678901234567890123456789"} {
		if _, err := m.AuthenticateKey(t.Context(), wrong, address); !errors.Is(err, login.ErrBadCredentials) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	for _, key := range []login.Key{"x", fresh} {
		if _, err := m.AuthenticateKey(t.Context(), key, address); !errors.Is(err, login.ErrThrottled) {
			t.Errorf("after three failures: %v", err)
		}
	}
	if _, err := m.AuthenticateKey(t.Context(), used, address); err != nil {
		t.Errorf("a key in use: %v", err)
	}
	if _, err := m.AuthenticateKey(t.Context(), fresh, "198.51.100.1"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	if _, _, err := m.Login(t.Context(), "ann", "secret", address); err != nil {
		t.Errorf("a password: %v", err)
	}
}

func TestLoginCertified(t *testing.T) {
	m := newManager(t, openStore(t), login.Options{})
	token, l, err := m.LoginCertified(t.Context(), "ann", address)
	if err != nil || l.User != "ann" || l.Rights != rights || l.Method != login.MethodCertificate {
		t.Fatalf("%+v, %v", l, err)
	}
	if a, err := m.Authenticate(t.Context(), token); err != nil || a.Method != login.MethodCertificate {
		t.Errorf("%+v, %v", a, err)
	}
	for _, name := range []string{"", "bob", "Ann"} {
		if _, _, err := m.LoginCertified(t.Context(), name, address); !errors.Is(err, login.ErrBadCredentials) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
