package login

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spskit/spskit/server/store"
)

// How a user proved who they are, as store.Login.Method has it.
const (
	MethodPassword    = ""
	MethodCertificate = "certificate"
	MethodKey         = "key"
)

// Key is an API key: 20 random bytes as 40 hexadecimal digits. Only a hash of it is
// ever stored. Formatted it shows nothing of itself, like a Token.
type Key string

// Format keeps the key out of anything that fmt writes.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// id returns what the store knows the key by; false when it has not the form of a
// key. A key is no token, so its hash is another one.
func (k Key) id() (store.LoginID, bool) {
	raw, err := hex.DecodeString(string(k))
	if err != nil || len(raw) != tokenBytes {
		return store.LoginID{}, false
	}
	return sha256.Sum256(append([]byte("API key\x00"), raw...)), true
}

// KeyName is what a key is called where it must not be shown: the beginning of its hash.
func KeyName(id store.LoginID) string { return hex.EncodeToString(id[:4]) }

// CreateKey makes an API key of a user, who may have several; store.ErrNotFound when
// there is no such user. Nobody can find out the key later.
func (m *Manager) CreateKey(ctx context.Context, user string) (Key, string, error) {
	token, err := newToken(m.rand)
	if err != nil {
		return "", "", err
	}
	key := Key(token)
	id, _ := key.id()
	err = m.store.CreateAPIKey(ctx, store.APIKey{ID: id, User: user, CreatedAt: m.now().UTC().Truncate(time.Microsecond)})
	if err != nil {
		return "", "", fmt.Errorf("creating a key of user %q: %w", user, err)
	}
	return key, KeyName(id), nil
}

// ListKeys returns the API keys of a user, oldest first; store.ErrNotFound when there is
// no such user.
func (m *Manager) ListKeys(ctx context.Context, user string) ([]store.APIKey, error) {
	if _, err := m.store.User(ctx, user); err != nil {
		return nil, fmt.Errorf("keys of user %q: %w", user, err)
	}
	keys, err := m.store.ListAPIKeys(ctx, user)
	if err != nil {
		return nil, fmt.Errorf("listing the keys of user %q: %w", user, err)
	}
	return keys, nil
}

// ErrNoKey says that a user has no API key of that name.
var ErrNoKey = errors.New("no such key")

// RevokeKey ends an API key of a user, by its KeyName, and what is being done with it.
// Another process may take it for a hold yet.
func (m *Manager) RevokeKey(ctx context.Context, user, name string) error {
	keys, err := m.ListKeys(ctx, user)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if !strings.EqualFold(KeyName(k.ID), name) {
			continue
		}
		if err := m.store.DeleteAPIKey(ctx, k.ID); err != nil {
			return fmt.Errorf("revoking key %s of user %q: %w", name, user, err)
		}
		m.cache.Purge()
		return nil
	}
	return fmt.Errorf("user %q: %w: %q", user, ErrNoKey, name)
}

// keySource is who fails with keys that don't exist. No user can have the name.
const keySource = "apikey:"

// AuthenticateKey returns the login that an API key acts as, and renews it. There is one
// for each key: it begins with the first request, as a login of the key's user, and
// again with the next one after it has been idle for too long. ErrBadCredentials says
// that there is no such key, and a *ThrottledError that this was so too often lately;
// the keys in use at the time are not affected by that.
func (m *Manager) AuthenticateKey(ctx context.Context, key Key, address string) (Authenticated, error) {
	id, ok := key.id()
	if ok {
		a, err := m.authenticate(ctx, id)
		if !errors.Is(err, store.ErrNotFound) {
			return a, err
		}
	}
	if err := m.throttle.check(m.now(), keySource, address); err != nil {
		return Authenticated{}, err
	}
	if ok {
		err := m.openForKey(ctx, id, address)
		if err == nil {
			return m.authenticate(ctx, id)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return Authenticated{}, err
		}
	}
	m.throttle.failed(m.now(), keySource, address)
	return Authenticated{}, ErrBadCredentials
}

// openForKey begins the login that a key acts as; store.ErrNotFound when there is no such
// key.
func (m *Manager) openForKey(ctx context.Context, id store.LoginID, address string) error {
	k, err := m.store.APIKey(ctx, id)
	if err != nil {
		return err
	}
	u, err := m.store.User(ctx, k.User)
	if err != nil {
		return err
	}
	_, err = m.create(ctx, u, id, address, MethodKey)
	if errors.Is(err, store.ErrExists) {
		// It has expired and is still stored, or another request was faster.
		if err := m.Sweep(ctx); err != nil {
			return err
		}
		_, err = m.create(ctx, u, id, address, MethodKey)
		if errors.Is(err, store.ErrExists) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	// A key that was revoked in between must not leave its login behind.
	if _, err := m.store.APIKey(ctx, id); err != nil {
		return errors.Join(err, m.EndLogin(ctx, id))
	}
	return nil
}

// LoginCertified opens a login for the user whom a verified certificate names. It fails
// with ErrBadCredentials when there is no such user.
func (m *Manager) LoginCertified(ctx context.Context, user, address string) (Token, store.Login, error) {
	u, err := m.store.User(ctx, user)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", store.Login{}, ErrBadCredentials
	case err != nil:
		return "", store.Login{}, fmt.Errorf("reading user: %w", err)
	}
	return m.open(ctx, u, address, MethodCertificate)
}
