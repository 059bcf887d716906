package storetest

import (
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

func addKey(t *testing.T, s store.Store, user string, id byte, age time.Duration) store.APIKey {
	t.Helper()
	k := store.APIKey{ID: loginID(id), User: user, CreatedAt: epoch.Add(-age)}
	noErr(t, s.CreateAPIKey(t.Context(), k))
	k.CreatedAt = k.CreatedAt.UTC()
	return k
}

var apiKeyTests = []test{
	{"stored as given", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		k := addKey(t, s, "ann", 1, 0)
		got, err := s.APIKey(t.Context(), k.ID)
		noErr(t, err)
		diff(t, k, got)
	}},
	{"nobody has a key without an account", func(t *testing.T, s store.Store) {
		err := s.CreateAPIKey(t.Context(), store.APIKey{ID: loginID(1), User: "ann", CreatedAt: epoch})
		wantErr(t, err, store.ErrNotFound)
	}},
	{"a key is there once", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		addUser(t, s, "bob")
		k := addKey(t, s, "ann", 1, 0)
		wantErr(t, s.CreateAPIKey(t.Context(), store.APIKey{ID: k.ID, User: "bob", CreatedAt: epoch}), store.ErrExists)
		got, err := s.APIKey(t.Context(), k.ID)
		noErr(t, err)
		diff(t, k, got)
	}},
	{"an unknown key is not found", func(t *testing.T, s store.Store) {
		_, err := s.APIKey(t.Context(), loginID(1))
		wantErr(t, err, store.ErrNotFound)
		wantErr(t, s.DeleteAPIKey(t.Context(), loginID(1)), store.ErrNotFound)
		keys, err := s.ListAPIKeys(t.Context(), "ann")
		noErr(t, err)
		diff(t, 0, len(keys))
	}},
	{"listed by user, oldest first", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		addUser(t, s, "bob")
		young, old := addKey(t, s, "ann", 1, time.Hour), addKey(t, s, "ann", 2, 2*time.Hour)
		addKey(t, s, "bob", 3, 0)
		keys, err := s.ListAPIKeys(t.Context(), "ann")
		noErr(t, err)
		diff(t, []store.APIKey{old, young}, keys)
	}},
	{"deleting a key ends its login and transaction, and no other", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		k, other := addKey(t, s, "ann", 1, 0), addKey(t, s, "ann", 2, 0)
		begin(t, s, addLogin(t, s, "ann", 1))
		addLogin(t, s, "ann", 2)
		noErr(t, s.DeleteAPIKey(t.Context(), k.ID))
		_, err := s.APIKey(t.Context(), k.ID)
		wantErr(t, err, store.ErrNotFound)
		_, err = s.Login(t.Context(), k.ID, epoch)
		wantErr(t, err, store.ErrNotFound)
		_, err = s.Transaction(t.Context(), k.ID)
		wantErr(t, err, store.ErrNoTransaction)
		_, err = s.APIKey(t.Context(), other.ID)
		noErr(t, err)
		_, err = s.Login(t.Context(), other.ID, epoch)
		noErr(t, err)
		noErr(t, s.DeleteAPIKey(t.Context(), other.ID))
	}},
	{"a key that is idle can be deleted", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		noErr(t, s.DeleteAPIKey(t.Context(), addKey(t, s, "ann", 1, 0).ID))
	}},
	{"keys go with their user, and outlive a new password", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		k := addKey(t, s, "ann", 1, 0)
		addLogin(t, s, "ann", 1)
		noErr(t, s.SetPassword(t.Context(), "ann", "new"))
		_, err := s.APIKey(t.Context(), k.ID)
		noErr(t, err)
		_, err = s.Login(t.Context(), k.ID, epoch) // but the login that it acted as has ended
		wantErr(t, err, store.ErrNotFound)
		noErr(t, s.DeleteUser(t.Context(), "ann"))
		_, err = s.APIKey(t.Context(), k.ID)
		wantErr(t, err, store.ErrNotFound)
	}},
}
