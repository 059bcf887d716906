package config

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"

	"github.com/spskit/spskit/server/store"
)

// firstAccount cannot be deleted.
const firstAccount = "admin"

// Users are not documents: those who may log in are the store's accounts, however
// they came about. What a transaction writes about users is pending as documents
// are, and a commit turns it into changes of accounts.

// accountKey is the key of a user, which follows from the name, so that all of a
// user's lives have the same.
func accountKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:11])
}

// addAccounts adds a document for each account.
func (s *Service) addAccounts(ctx context.Context, items map[string][]byte) error {
	if s.Accounts == nil {
		return nil
	}
	names, err := s.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("listing accounts: %w", err)
	}
	for _, name := range names {
		if items[accountKey(name)], err = encode(map[string]any{"name": name}); err != nil {
			return err
		}
	}
	return nil
}

// checkAccount looks at what the contract cannot say about a user.
func checkAccount(n *Node, document map[string]any) []Violation {
	name := nameOf(document)
	switch {
	case accountKey(name) != n.Key:
		return []Violation{{"/name", "the name of a user stays the same"}}
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return []Violation{{"/name", "it has characters that cannot be printed"}}
	}
	return nil
}

// sealed is what is stored of a password.
type sealed struct {
	Hash string `json:"hash"`
}

// seal returns what is stored of a password that a client sent.
func (s *Service) seal(ctx context.Context, document map[string]any) ([]byte, error) {
	if s.Hash == nil {
		return nil, errors.New("nobody can hash passwords")
	}
	plain, _ := document["plain"].(string)
	hash, err := s.Hash(ctx, plain)
	if err != nil {
		return nil, err
	}
	return encode(sealed{hash})
}

// accountChanges are the changes of accounts that a login's pending changes amount
// to.
func (s *Service) accountChanges(ctx context.Context, login store.LoginID, changed map[string][]byte) ([]store.AccountChange, error) {
	var changes []store.AccountChange
	for p, doc := range changed {
		n, ok := s.tree.Node(p)
		if !ok || n.Kind != Item || !n.Accounts {
			continue
		}
		if doc == nil {
			name, err := s.accountName(ctx, n)
			if err != nil {
				return nil, err
			}
			if name != "" {
				changes = append(changes, store.AccountChange{Name: name})
			}
			continue
		}
		var user struct{ Name, Password string }
		if err := json.Unmarshal(doc, &user); err != nil {
			return nil, fmt.Errorf("pending user: %w", err)
		}
		stored, err := s.store.Document(ctx, login, path.Join(passwords, user.Password))
		if err != nil {
			return nil, fmt.Errorf("reading the password of %q: %w", user.Name, err)
		}
		var password sealed
		if err := json.Unmarshal(stored, &password); err != nil {
			return nil, fmt.Errorf("stored password: %w", err)
		}
		changes = append(changes, store.AccountChange{Name: user.Name, PasswordHash: password.Hash})
	}
	return changes, nil
}

// accountName returns the name of the account that a key stands for, "" if it is
// gone.
func (s *Service) accountName(ctx context.Context, n *Node) (string, error) {
	items := map[string][]byte{}
	if err := s.addAccounts(ctx, items); err != nil {
		return "", err
	}
	var user struct{ Name string }
	if items[n.Key] == nil {
		return "", nil
	}
	err := json.Unmarshal(items[n.Key], &user)
	return user.Name, err
}
