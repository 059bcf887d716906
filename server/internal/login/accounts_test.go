package login_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/store"
)

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"a":                      true,
		"ann@example.com":        true,
		"Jörg Müller":            true,
		strings.Repeat("x", 128): true,
		"":                       false,
		strings.Repeat("x", 129): false,
		"a:b":                    false,
		"a\nb":                   false,
		"a\x00":                  false,
		"a\u202eb":               false,
		"\xff":                   false,
	} {
		if err := login.CheckName(name); (err == nil) != ok || err != nil && !errors.Is(err, login.ErrBadName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAccounts(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{Now: c.now})
	ctx := t.Context()
	for _, tt := range []struct {
		name, password string
		want           error
	}{
		{"ann", "x", store.ErrExists},
		{"b:b", "x", login.ErrBadName},
		{"bob", "", login.ErrBadPassword},
		{"bob", strings.Repeat("x", 73), login.ErrBadPassword},
		{"bob", "\xff", login.ErrBadPassword},
		{"b\xff", "x", login.ErrBadName},
		{"bob", "x", nil},
	} {
		if err := m.CreateUser(ctx, tt.name, tt.password, store.Rights{}); !errors.Is(err, tt.want) {
			t.Errorf("creating %q: %v, want %v", tt.name, err, tt.want)
		}
	}
	users, err := m.ListUsers(ctx)
	want := []store.User{
		{Name: "ann", Rights: rights, CreatedAt: start},
		{Name: "bob", CreatedAt: start},
	}
	if d := cmp.Diff(want, users); d != "" || err != nil {
		t.Errorf("users (-want +got):\n%s%v", d, err)
	}
	if err := m.SetPassword(ctx, "cid", "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("password of nobody: %v", err)
	}
	if err := m.SetPassword(ctx, "bob", ""); !errors.Is(err, login.ErrBadPassword) {
		t.Errorf("empty password: %v", err)
	}
	if err := m.DeleteUser(ctx, "cid"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleting nobody: %v", err)
	}
	if err := m.DeleteUser(ctx, "bob"); err != nil {
		t.Errorf("deleting bob: %v", err)
	}
}

// In the process that changes the account, its logins end at once.
func TestAccountChangeEndsLogins(t *testing.T) {
	var c clock
	m := newManager(t, openStore(t), login.Options{Now: c.now})
	ctx := t.Context()
	use := func() login.Token {
		token := mustLogin(t, m)
		c.set(c.now().Sub(start) + time.Millisecond)
		if _, err := m.Authenticate(ctx, token); err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := use()
	if err := m.SetPassword(ctx, "ann", "new"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Authenticate(ctx, token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after a new password: %v", err)
	}
	if _, _, err := m.Login(ctx, "ann", "secret", "A"); !errors.Is(err, login.ErrBadCredentials) {
		t.Errorf("old password: %v", err)
	}
	if err := m.SetPassword(ctx, "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	token = use()
	if err := m.DeleteUser(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Authenticate(ctx, token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after deletion: %v", err)
	}
}

func TestEnsureAdmin(t *testing.T) {
	all := store.Rights{Search: true, ReadConfig: true, EditConfig: true}
	for _, given := range []string{"", "given"} {
		s := openStore(t)
		m := login.New(s, login.Options{BcryptCost: bcrypt.MinCost})
		created, generated, err := m.EnsureAdmin(t.Context(), given)
		if !created || err != nil || (generated == "") != (given != "") {
			t.Fatalf("given %q: %v, %q, %v", given, created, generated, err)
		}
		if given == "" && len(generated) < 20 {
			t.Errorf("generated %q", generated)
		}
		_, l, err := m.Login(t.Context(), login.Admin, given+generated, "A")
		if err != nil || l.Rights != all {
			t.Errorf("login: %+v, %v", l, err)
		}
		if created, generated, err := m.EnsureAdmin(t.Context(), "again"); created || generated != "" || err != nil {
			t.Errorf("second time: %v, %q, %v", created, generated, err)
		}
	}
	for _, tt := range []struct {
		name   string
		rights store.Rights
		want   bool
	}{
		{"joe", store.Rights{EditConfig: true}, false},
		{"joe", store.Rights{Search: true, ReadConfig: true}, true},
		{login.Admin, store.Rights{}, false},
	} {
		m := login.New(openStore(t), login.Options{BcryptCost: bcrypt.MinCost})
		if err := m.CreateUser(t.Context(), tt.name, "x", tt.rights); err != nil {
			t.Fatal(err)
		}
		if created, _, err := m.EnsureAdmin(t.Context(), ""); created != tt.want || err != nil {
			t.Errorf("with user %s, who has %+v: %v, %v", tt.name, tt.rights, created, err)
		}
	}
	m := login.New(openStore(t), login.Options{BcryptCost: bcrypt.MinCost})
	if created, _, err := m.EnsureAdmin(t.Context(), strings.Repeat("x", 73)); created || !errors.Is(err, login.ErrBadPassword) {
		t.Errorf("endless password: %v, %v", created, err)
	}
}
