package login

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
)

// maxPassword is what bcrypt looks at.
const maxPassword = 72

// ErrBadPassword says that a password cannot be used as one.
var ErrBadPassword = errors.New("unusable password")

// CheckPassword returns nil, or an error that matches ErrBadPassword and says
// why no user can have that password.
func CheckPassword(password string) error {
	switch {
	case password == "":
		return fmt.Errorf("%w: it is empty", ErrBadPassword)
	case len(password) > maxPassword:
		return fmt.Errorf("%w: it has %d bytes, and no more than %d count", ErrBadPassword, len(password), maxPassword)
	case !utf8.ValidString(password):
		return fmt.Errorf("%w: it is not valid UTF-8", ErrBadPassword)
	}
	return nil
}

// passwords hashes and compares, a bounded number at a time: each costs tens of
// milliseconds of a processor, and anybody may ask for one.
type passwords struct {
	cost  int
	dummy string // a hash of that cost, and of no password that is known
	slots chan struct{}
}

func newPasswords(cost, atOnce int) *passwords {
	if cost < bcrypt.MinCost || cost > bcrypt.MaxCost {
		cost = bcrypt.DefaultCost
	}
	return &passwords{
		cost: cost,
		// 22 characters of salt and 31 of hash: made up, so that starting up
		// need not compute one.
		dummy: fmt.Sprintf("$2a$%02d$%s", cost, strings.Repeat("u", 53)),
		slots: make(chan struct{}, atOnce),
	}
}

// acquire waits for the right to do one computation.
func (p *passwords) acquire(ctx context.Context) (release func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to check a password: %w", context.Cause(ctx))
	}
}

// matches compares a password with a hash; with an empty hash it takes as long
// and fails. The caller has acquired the right to.
func (p *passwords) matches(hash, password string) (bool, error) {
	usable := hash != "" && CheckPassword(password) == nil
	if hash == "" {
		hash = p.dummy
	}
	if len(password) > maxPassword {
		password = password[:maxPassword]
	}
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, err
	}
	return err == nil && usable, nil
}

// hash waits for its turn and returns a new hash of the password.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	release, err := p.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	h, err := bcrypt.GenerateFromPassword([]byte(password), p.cost)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return string(h), nil
}

// generatePassword returns 24 lower-case letters and digits, 120 bits of chance.
func generatePassword(rand io.Reader) (string, error) {
	var raw [15]byte
	if _, err := io.ReadFull(rand, raw[:]); err != nil {
		return "", fmt.Errorf("drawing a password: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw[:])), nil
}
