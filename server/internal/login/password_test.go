package login

import (
	"context"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestCheckPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"":                       false,
		"x":                      true,
		"correct horse: battery": true,
		strings.Repeat("x", 72):  true,
		strings.Repeat("x", 73):  false,
		strings.Repeat("ä", 36):  true,
		strings.Repeat("ä", 37):  false,
	} {
		if err := CheckPassword(password); (err == nil) != ok || err != nil && !errors.Is(err, ErrBadPassword) {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestMatches(t *testing.T) {
	p := newPasswords(bcrypt.MinCost, 1)
	hash := func(password string) string {
		h, err := p.hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	long := strings.Repeat("x", 72)
	tests := []struct {
		name, hash, password string
		want                 bool
	}{
		{"right", hash("secret"), "secret", true},
		{"wrong", hash("secret"), "Secret", false},
		{"empty", hash("secret"), "", false},
		{"longest", hash(long), long, true},
		{"longer than counts", hash(long), long + "y", false},
		{"no user", "", "secret", false},
		{"no user, empty", "", "", false},
		{"no user, long", "", long + "y", false},
	}
	for _, tt := range tests {
		if got, err := p.matches(tt.hash, tt.password); got != tt.want || err != nil {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
	if ok, err := p.matches("plain text", "plain text"); ok || err == nil {
		t.Errorf("a hash that is none: %v, %v", ok, err)
	}
}

// Who is unknown costs the same computation as who is known.
func TestDummyHash(t *testing.T) {
	for cost, want := range map[int]int{0: bcrypt.DefaultCost, bcrypt.MinCost: bcrypt.MinCost, 12: 12, 32: bcrypt.DefaultCost} {
		p := newPasswords(cost, 1)
		if got, err := bcrypt.Cost([]byte(p.dummy)); got != want || err != nil {
			t.Errorf("dummy of cost %d: %d, %v", cost, got, err)
		}
	}
	p := newPasswords(bcrypt.MinCost, 1)
	if err := bcrypt.CompareHashAndPassword([]byte(p.dummy), []byte("x")); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("comparing: %v", err)
	}
}

func TestAcquireWaitsForAPlace(t *testing.T) {
	p := newPasswords(bcrypt.MinCost, 1)
	release, err := p.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.acquire(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("second: %v", err)
	}
	release()
	if release, err = p.acquire(t.Context()); err != nil {
		t.Fatalf("after the first: %v", err)
	}
	release()
}
