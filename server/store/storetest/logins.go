package storetest

import (
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

var loginTests = []test{
	{"stored as given", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		l := store.Login{
			ID: loginID(7), User: "ann", Rights: store.Rights{ReadConfig: true}, Address: "2001:db8::1", Method: "key",
			CreatedAt: epoch, ExpiresAt: epoch.Add(time.Minute),
		}
		noErr(t, s.CreateLogin(t.Context(), l))
		got, err := s.Login(t.Context(), l.ID, epoch)
		noErr(t, err)
		l.CreatedAt, l.ExpiresAt = l.CreatedAt.UTC(), l.ExpiresAt.UTC()
		diff(t, l, got)
	}},
	{"nobody logs in without an account", func(t *testing.T, s store.Store) {
		err := s.CreateLogin(t.Context(), store.Login{ID: loginID(1), User: "ann", CreatedAt: epoch, ExpiresAt: epoch})
		wantErr(t, err, store.ErrNotFound)
	}},
	{"expired when now reaches the expiry, not before", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		id := addLogin(t, s, "ann", 1)
		end := epoch.Add(time.Hour)
		_, err := s.Login(t.Context(), id, end.Add(-time.Microsecond))
		noErr(t, err)
		_, err = s.Login(t.Context(), id, end)
		wantErr(t, err, store.ErrNotFound)
		wantErr(t, s.ExtendLogin(t.Context(), id, end, end.Add(time.Hour)), store.ErrNotFound)
		_, _, err = s.OpenTransaction(t.Context(), id, end, false)
		wantErr(t, err, store.ErrNotFound)
		noErr(t, s.ExtendLogin(t.Context(), id, end.Add(-time.Microsecond), end.Add(time.Hour)))
		_, err = s.Login(t.Context(), id, end)
		noErr(t, err)
	}},
	{"an expiry never moves back", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		id := addLogin(t, s, "ann", 1)
		noErr(t, s.ExtendLogin(t.Context(), id, epoch, epoch.Add(time.Minute)))
		l, err := s.Login(t.Context(), id, epoch)
		noErr(t, err)
		diff(t, epoch.Add(time.Hour).UTC(), l.ExpiresAt)
	}},
	{"an unknown login is not found", func(t *testing.T, s store.Store) {
		_, err := s.Login(t.Context(), loginID(1), epoch)
		wantErr(t, err, store.ErrNotFound)
		wantErr(t, s.ExtendLogin(t.Context(), loginID(1), epoch, epoch.Add(time.Hour)), store.ErrNotFound)
		wantErr(t, s.DeleteLogin(t.Context(), loginID(1)), store.ErrNotFound)
	}},
	{"deleting a login rolls its transaction back", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		id := addLogin(t, s, "ann", 1)
		begin(t, s, id)
		noErr(t, s.PutDocument(t.Context(), id, "/a", []byte("1")))
		noErr(t, s.DeleteLogin(t.Context(), id))
		wantErr(t, s.DeleteLogin(t.Context(), id), store.ErrNotFound)
		_, err := s.Login(t.Context(), id, epoch)
		wantErr(t, err, store.ErrNotFound)
		_, err = s.Transaction(t.Context(), id)
		wantErr(t, err, store.ErrNoTransaction)
		wantDocument(t, s, store.LoginID{}, "/a", "")
	}},
	{"expired logins are removed, the others are not", func(t *testing.T, s store.Store) {
		addUser(t, s, "ann")
		old, older, young := addLogin(t, s, "ann", 1), addLogin(t, s, "ann", 2), addLogin(t, s, "ann", 3)
		begin(t, s, old)
		begin(t, s, young)
		noErr(t, s.ExtendLogin(t.Context(), young, epoch, epoch.Add(2*time.Hour)))
		n, err := s.DeleteExpiredLogins(t.Context(), epoch.Add(time.Hour-time.Microsecond))
		noErr(t, err)
		diff(t, 0, n)
		n, err = s.DeleteExpiredLogins(t.Context(), epoch.Add(time.Hour))
		noErr(t, err)
		diff(t, 2, n)
		for _, id := range []store.LoginID{old, older} {
			_, err = s.Login(t.Context(), id, epoch)
			wantErr(t, err, store.ErrNotFound)
		}
		_, err = s.Transaction(t.Context(), old)
		wantErr(t, err, store.ErrNoTransaction)
		_, err = s.Transaction(t.Context(), young)
		noErr(t, err)
	}},
}
