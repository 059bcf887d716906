package login

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spskit/spskit/server/store"
)

// Admin is the name of the first user.
const Admin = "admin"

const maxName = 128

// ErrBadName says that a name cannot be a user's.
var ErrBadName = errors.New("unusable user name")

// CheckName returns nil, or an error that matches ErrBadName and says why no
// user can have that name.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrBadName)
	case len(name) > maxName:
		return fmt.Errorf("%w: it has %d bytes, and %d are allowed", ErrBadName, len(name), maxName)
	case strings.Contains(name, ":"):
		return fmt.Errorf("%w: HTTP Basic cannot carry a colon", ErrBadName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: it is not valid UTF-8", ErrBadName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%w: it has characters that cannot be printed", ErrBadName)
	}
	return nil
}

// CreateUser adds an account. It fails with ErrBadName or ErrBadPassword, and
// with store.ErrExists when the name is taken.
func (m *Manager) CreateUser(ctx context.Context, name, password string, rights store.Rights) error {
	if err := CheckName(name); err != nil {
		return err
	}
	hash, err := m.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	u := store.User{
		Name: name, PasswordHash: hash, Rights: rights,
		CreatedAt: m.now().UTC().Truncate(time.Microsecond),
	}
	if err := m.store.CreateUser(ctx, u); err != nil {
		return fmt.Errorf("creating user %q: %w", name, err)
	}
	return nil
}

// SetPassword changes a user's password and ends all of the user's logins. It
// fails with ErrBadPassword, and with store.ErrNotFound when there is no such
// user.
func (m *Manager) SetPassword(ctx context.Context, name, password string) error {
	hash, err := m.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := m.store.SetPassword(ctx, name, hash); err != nil {
		return fmt.Errorf("changing the password of user %q: %w", name, err)
	}
	m.cache.Purge()
	return nil
}

// DeleteUser removes an account and ends all of its logins; store.ErrNotFound
// when there is no such user.
func (m *Manager) DeleteUser(ctx context.Context, name string) error {
	if err := m.store.DeleteUser(ctx, name); err != nil {
		return fmt.Errorf("deleting user %q: %w", name, err)
	}
	m.cache.Purge()
	return nil
}

// HashPassword returns what is stored of a password. It fails with ErrBadPassword.
func (m *Manager) HashPassword(ctx context.Context, password string) (string, error) {
	return m.passwords.hash(ctx, password)
}

// Forget makes every login be looked up anew, for when accounts were changed
// elsewhere.
func (m *Manager) Forget() { m.cache.Purge() }

// ListUsers returns all accounts, ordered by name, without password hashes.
func (m *Manager) ListUsers(ctx context.Context) ([]store.User, error) {
	users, err := m.store.ListUsers(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	for i := range users {
		users[i].PasswordHash = ""
	}
	return users, nil
}

// EnsureAdmin creates the user Admin, with all rights, when nobody may edit the
// configuration and the name is free, and says whether it did. Without a password
// it makes one up, which is the only time that anybody can see it.
func (m *Manager) EnsureAdmin(ctx context.Context, password string) (created bool, generated string, err error) {
	users, err := m.store.ListUsers(ctx)
	if err != nil {
		return false, "", fmt.Errorf("listing users: %w", err)
	}
	for _, u := range users {
		if u.Rights.EditConfig || u.Name == Admin {
			return false, "", nil
		}
	}
	if password == "" {
		if generated, err = generatePassword(m.rand); err != nil {
			return false, "", err
		}
		password = generated
	}
	all := store.Rights{Search: true, ReadConfig: true, EditConfig: true}
	switch err := m.CreateUser(ctx, Admin, password, all); {
	case errors.Is(err, store.ErrExists): // somebody else was first
		return false, "", nil
	case err != nil:
		return false, "", err
	}
	return true, generated, nil
}
