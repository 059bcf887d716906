// Package logins keeps logins between two runs of the program, in a file that is the
// user's alone. A login is found again only by who asks for it the same way: the same
// appliance, user, login method and credential, so that a wrong password is never taken
// for right because there is a login already. Neither passwords nor their digests are in
// the file; what names a login is an HMAC with a key of the file's own.
package logins

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/private"
)

// keep is how long a login stays in the file at most; appliances end idle ones much
// earlier.
const keep = 7 * 24 * time.Hour

// Identity is who asks for a login, and how.
type Identity struct {
	URL, User, Method string
	Kind              string // of the credential, such as "keyring"
	Credential        string // what tells one from another: a password, or the command that gives it
}

// Cache is the file. It is a client.LoginStore for one Identity.
type Cache struct {
	Path     string
	Now      func() time.Time
	Identity Identity
}

type file struct {
	Version int              `json:"version"`
	Key     []byte           `json:"key"`
	Logins  map[string]login `json:"logins"`
}

type login struct {
	Token string    `json:"token"`
	Saved time.Time `json:"saved"`
}

// Load gives the token of the login, or an empty one if there is none.
func (c *Cache) Load(context.Context) (client.Secret, error) {
	f, err := c.read()
	if err != nil {
		return "", err
	}
	l := f.Logins[f.name(c.Identity)]
	if c.Now().Sub(l.Saved) > keep {
		return "", nil
	}
	return client.Secret(l.Token), nil
}

// Save keeps a token in place of the one there is.
func (c *Cache) Save(_ context.Context, token client.Secret) error {
	return c.change(func(f *file, name string) bool {
		f.Logins[name] = login{string(token), c.Now().UTC()}
		return true
	})
}

// Clear forgets a token, but not another one that was saved meanwhile.
func (c *Cache) Clear(_ context.Context, ended client.Secret) error {
	return c.change(func(f *file, name string) bool {
		l, found := f.Logins[name]
		if !found || l.Token != string(ended) {
			return false
		}
		delete(f.Logins, name)
		return true
	})
}

// change writes the file if do says that it has changed it.
func (c *Cache) change(do func(f *file, name string) (changed bool)) error {
	return private.Locked(c.Path, func() error {
		f, err := c.read()
		if err != nil || !do(f, f.name(c.Identity)) {
			return err
		}
		maps.DeleteFunc(f.Logins, func(_ string, l login) bool { return c.Now().Sub(l.Saved) > keep })
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		return private.Write(c.Path, append(text, '\n'))
	})
}

// read gives an empty file where there is none, or none that makes sense: what is in it
// can always be had again.
func (c *Cache) read() (*file, error) {
	text, err := private.Read(c.Path)
	switch {
	case errors.Is(err, private.ErrExposed):
		return nil, fmt.Errorf("the saved logins may not be used: %w; look who could have read %s, remove it, and log in again", err, c.Path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	f := &file{}
	if json.Unmarshal(text, f) != nil || f.Version != 1 || len(f.Key) != sha256.Size || f.Logins == nil {
		f = &file{Version: 1, Key: make([]byte, sha256.Size), Logins: map[string]login{}}
		_, _ = rand.Read(f.Key) // never fails
	}
	return f, nil
}

func (f *file) name(id Identity) string {
	mac := hmac.New(sha256.New, f.Key)
	for _, part := range []string{id.URL, id.User, id.Method, id.Kind, id.Credential} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(mac.Sum(nil))
}
