package storetest

import (
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

var userTests = []test{
	{"stored as given, times in UTC with microseconds", func(t *testing.T, s store.Store) {
		u := store.User{
			Name: "ann", PasswordHash: "$2a$x", Rights: store.Rights{Search: true, EditConfig: true},
			CreatedAt: epoch.Add(789 * time.Nanosecond),
		}
		noErr(t, s.CreateUser(t.Context(), u))
		got, err := s.User(t.Context(), "ann")
		noErr(t, err)
		u.CreatedAt = epoch.UTC()
		diff(t, u, got)
	}},
	{"each right is kept by itself", func(t *testing.T, s store.Store) {
		for name, rights := range map[string]store.Rights{
			"none": {}, "s": {Search: true}, "r": {ReadConfig: true}, "e": {EditConfig: true},
		} {
			noErr(t, s.CreateUser(t.Context(), store.User{Name: name, Rights: rights, CreatedAt: epoch}))
			got, err := s.User(t.Context(), name)
			noErr(t, err)
			diff(t, rights, got.Rights)
		}
	}},
	{"a name is taken once", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		wantErr(t, s.CreateUser(t.Context(), store.User{Name: "ann", PasswordHash: "other", CreatedAt: epoch}), store.ErrExists)
		u, err := s.User(t.Context(), "ann")
		noErr(t, err)
		diff(t, "hash", u.PasswordHash)
	}},
	{"an unknown user is not found", func(t *testing.T, s store.Store) {
		_, err := s.User(t.Context(), "ann")
		wantErr(t, err, store.ErrNotFound)
		wantErr(t, s.SetPassword(t.Context(), "ann", "x"), store.ErrNotFound)
		wantErr(t, s.DeleteUser(t.Context(), "ann"), store.ErrNotFound)
	}},
	{"listed by name", func(t *testing.T, s store.Store) {
		var got []string
		users, err := s.ListUsers(t.Context())
		noErr(t, err)
		if len(users) != 0 {
			t.Fatalf("a new store has users: %v", users)
		}
		for _, name := range []string{"bob", "ann", "Zoë", "cy"} {
			addUser(t, s, name)
		}
		users, err = s.ListUsers(t.Context())
		noErr(t, err)
		for _, u := range users {
			got = append(got, u.Name)
		}
		diff(t, []string{"Zoë", "ann", "bob", "cy"}, got)
		diff(t, store.User{Name: "ann", PasswordHash: "hash", CreatedAt: epoch.UTC()}, users[1])
	}},
	{"a new password ends the user's logins and transactions", func(t *testing.T, s store.Store) {
		testEndsLogins(t, s, func() error { return s.SetPassword(t.Context(), "ann", "new") })
		u, err := s.User(t.Context(), "ann")
		noErr(t, err)
		diff(t, "new", u.PasswordHash)
	}},
	{"deleting a user ends its logins and transactions", func(t *testing.T, s store.Store) {
		testEndsLogins(t, s, func() error { return s.DeleteUser(t.Context(), "ann") })
		_, err := s.User(t.Context(), "ann")
		wantErr(t, err, store.ErrNotFound)
		addUser(t, s, "ann") // the name is free again
	}},
}

func testEndsLogins(t *testing.T, s store.Store, end func() error) {
	t.Helper()
	addUser(t, s, "ann")
	addUser(t, s, "bob")
	first, second, other := addLogin(t, s, "ann", 1), addLogin(t, s, "ann", 2), addLogin(t, s, "bob", 3)
	begin(t, s, first)
	begin(t, s, other)
	noErr(t, s.PutDocument(t.Context(), first, "/a", []byte("1")))
	noErr(t, end())
	for _, id := range []store.LoginID{first, second} {
		_, err := s.Login(t.Context(), id, epoch)
		wantErr(t, err, store.ErrNotFound)
	}
	_, err := s.Transaction(t.Context(), first)
	wantErr(t, err, store.ErrNoTransaction)
	changes, err := s.PendingChanges(t.Context(), first)
	noErr(t, err)
	diff(t, 0, len(changes))
	_, err = s.Login(t.Context(), other, epoch)
	noErr(t, err)
	_, err = s.Transaction(t.Context(), other)
	noErr(t, err)
}
