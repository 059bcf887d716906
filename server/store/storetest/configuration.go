package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

var nobody store.LoginID

// annAndBob adds two users, each logged in.
func annAndBob(t *testing.T, s store.Store) (ann, bob store.LoginID) {
	t.Helper()
	addUser(t, s, "ann")
	addUser(t, s, "bob")
	return addLogin(t, s, "ann", 1), addLogin(t, s, "bob", 2)
}

var configurationTests = []test{
	{"what was never written is not found", func(t *testing.T, s store.Store) {
		ann, _ := annAndBob(t, s)
		wantDocument(t, s, nobody, "/a", "")
		wantDocument(t, s, ann, "/a", "")
		revision, err := s.Revision(t.Context())
		noErr(t, err)
		diff(t, int64(0), revision)
	}},
	{"pending documents are the owner's alone", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		writeA(t, s, ann, `"old"`)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte(`"new"`)))
		noErr(t, s.PutDocument(t.Context(), ann, "/b", []byte(`"b"`)))
		wantDocument(t, s, ann, "/a", `"new"`)
		wantDocument(t, s, ann, "/b", `"b"`)
		for _, other := range []store.LoginID{bob, nobody} {
			wantDocument(t, s, other, "/a", `"old"`)
			wantDocument(t, s, other, "/b", "")
		}
		commit(t, s, ann)
		wantDocument(t, s, bob, "/a", `"new"`)
		wantDocument(t, s, nobody, "/b", `"b"`)
	}},
	{"a pending deletion hides the document from its owner", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		writeA(t, s, ann, "1")
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", nil))
		wantDocument(t, s, ann, "/a", "")
		wantDocument(t, s, bob, "/a", "1")
		commit(t, s, ann)
		wantDocument(t, s, bob, "/a", "")
		writeA(t, s, ann, "2")
		wantDocument(t, s, bob, "/a", "2")
	}},
	{"documents below a path are listed as each login sees them", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		for _, path := range []string{"/l/c", "/l/a", "/l/b", "/l", "/l/b/x", "/l0", "/l-1", "/k/a"} {
			noErr(t, s.PutDocument(t.Context(), ann, path, []byte(`"`+path+`"`)))
		}
		commit(t, s, ann)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/l/b", nil))
		noErr(t, s.PutDocument(t.Context(), ann, "/l/c", []byte("1")))
		noErr(t, s.PutDocument(t.Context(), ann, "/l/d", []byte("2")))
		a := store.Document{Path: "/l/a", Body: []byte(`"/l/a"`)}
		committed := []store.Document{a, {Path: "/l/b", Body: []byte(`"/l/b"`)}, {Path: "/l/c", Body: []byte(`"/l/c"`)}}
		wantDocuments(t, s, nobody, committed)
		wantDocuments(t, s, bob, committed)
		wantDocuments(t, s, ann, []store.Document{
			a, {Path: "/l/b", Pending: true}, {Path: "/l/c", Body: []byte("1"), Pending: true}, {Path: "/l/d", Body: []byte("2"), Pending: true},
		})
		commit(t, s, ann)
		wantDocuments(t, s, bob, []store.Document{
			a, {Path: "/l/b"}, {Path: "/l/c", Body: []byte("1")}, {Path: "/l/d", Body: []byte("2")},
		})
	}},
	{"a commit changes accounts", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		addUser(t, s, "eve")
		eve := addLogin(t, s, "eve", 3)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("1")))
		at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
		_, err := s.CommitTransaction(t.Context(), ann, store.Commit{User: "ann", Time: at.AddDate(-20, 0, 0), Accounts: []store.AccountChange{
			{Name: "joe", PasswordHash: "new"}, {Name: "bob", PasswordHash: "other"}, {Name: "eve"}, {Name: "gone"},
		}})
		noErr(t, err)
		joe, err := s.User(t.Context(), "joe")
		noErr(t, err)
		diff(t, store.User{Name: "joe", PasswordHash: "new", CreatedAt: at.AddDate(-20, 0, 0)}, joe)
		changed, err := s.User(t.Context(), "bob")
		noErr(t, err)
		diff(t, "other", changed.PasswordHash)
		_, err = s.User(t.Context(), "eve")
		wantErr(t, err, store.ErrNotFound)
		for _, ended := range []store.LoginID{bob, eve} {
			_, err := s.Login(t.Context(), ended, at.AddDate(-20, 0, 0))
			wantErr(t, err, store.ErrNotFound)
		}
	}},
	{"a commit that fails changes no account", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("1")))
		writeA(t, s, bob, "2")
		_, err := s.CommitTransaction(t.Context(), ann, store.Commit{User: "ann", Accounts: []store.AccountChange{{Name: "bob"}}})
		wantErr(t, err, store.ErrConflict)
		_, err = s.User(t.Context(), "bob")
		noErr(t, err)
	}},
	{"opening twice returns the one there is", func(t *testing.T, s store.Store) {
		ann, _ := annAndBob(t, s)
		for _, exclusive := range []bool{true, true, false} {
			at := epoch.Add(time.Minute)
			tx, opened, err := s.OpenTransaction(t.Context(), ann, at, exclusive)
			noErr(t, err)
			diff(t, store.Transaction{Login: ann, OpenedAt: at.UTC()}, tx)
			_, again, err := s.OpenTransaction(t.Context(), ann, at.Add(time.Minute), exclusive)
			noErr(t, err)
			diff(t, []bool{true, false}, []bool{opened, again})
			got, err := s.Transaction(t.Context(), ann)
			noErr(t, err)
			diff(t, tx, got)
			noErr(t, s.RollbackTransaction(t.Context(), ann))
		}
	}},
	{"the exclusive lock names its holder", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		_, _, err := s.OpenTransaction(t.Context(), bob, epoch.Add(time.Second), true)
		wantErr(t, err, store.ErrLocked)
		locked, ok := errors.AsType[*store.LockedError](err)
		if !ok {
			t.Fatalf("%T is not a *LockedError", err)
		}
		diff(t, store.LockedError{Holder: "ann", OpenedAt: epoch.UTC(), ExpiresAt: epoch.Add(time.Hour).UTC()}, *locked)
		_, err = s.Transaction(t.Context(), bob)
		wantErr(t, err, store.ErrNoTransaction)
	}},
	{"without exclusive several may be open", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		begin(t, s, bob)
	}},
	{"the end of a transaction frees the lock", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		for _, end := range []func() error{
			func() error { return s.RollbackTransaction(t.Context(), ann) },
			func() error {
				_, err := s.CommitTransaction(t.Context(), ann, store.Commit{Time: epoch})
				return err
			},
			func() error { return s.DeleteLogin(t.Context(), ann) },
		} {
			begin(t, s, ann)
			noErr(t, end())
			_, opened, err := s.OpenTransaction(t.Context(), bob, epoch, true)
			noErr(t, err)
			diff(t, true, opened)
			noErr(t, s.RollbackTransaction(t.Context(), bob))
		}
	}},
	{"an expired holder locks nothing and commits nothing", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		end := epoch.Add(time.Hour)
		noErr(t, s.ExtendLogin(t.Context(), bob, epoch, end.Add(time.Hour)))
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("1")))
		_, _, err := s.OpenTransaction(t.Context(), bob, end.Add(-time.Microsecond), true)
		wantErr(t, err, store.ErrLocked)
		_, opened, err := s.OpenTransaction(t.Context(), bob, end, true)
		noErr(t, err)
		diff(t, true, opened)
		_, err = s.CommitTransaction(t.Context(), ann, store.Commit{Time: end})
		wantErr(t, err, store.ErrNoTransaction)
		wantDocument(t, s, nobody, "/a", "")
	}},
	{"nothing goes without a transaction", func(t *testing.T, s store.Store) {
		ann, _ := annAndBob(t, s)
		_, err := s.Transaction(t.Context(), ann)
		wantErr(t, err, store.ErrNoTransaction)
		wantErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("1")), store.ErrNoTransaction)
		wantErr(t, s.RollbackTransaction(t.Context(), ann), store.ErrNoTransaction)
		_, err = s.CommitTransaction(t.Context(), ann, store.Commit{Time: epoch})
		wantErr(t, err, store.ErrNoTransaction)
		changes, err := s.PendingChanges(t.Context(), ann)
		noErr(t, err)
		diff(t, 0, len(changes))
		_, _, err = s.OpenTransaction(t.Context(), loginID(9), epoch, true)
		wantErr(t, err, store.ErrNotFound)
	}},
	{"pending changes come by path, the last write of each", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		begin(t, s, bob)
		noErr(t, s.PutDocument(t.Context(), ann, "/b", []byte("1")))
		noErr(t, s.PutDocument(t.Context(), ann, "/a/b", []byte("2")))
		noErr(t, s.PutDocument(t.Context(), ann, "/a", nil))
		noErr(t, s.PutDocument(t.Context(), ann, "/b", []byte("3")))
		noErr(t, s.PutDocument(t.Context(), bob, "/c", []byte("4")))
		changes, err := s.PendingChanges(t.Context(), ann)
		noErr(t, err)
		diff(t, []store.PendingChange{{Path: "/a"}, {Path: "/a/b", Body: []byte("2")}, {Path: "/b", Body: []byte("3")}}, changes)
	}},
	{"rolling back drops everything pending", func(t *testing.T, s store.Store) {
		ann, _ := annAndBob(t, s)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("1")))
		noErr(t, s.RollbackTransaction(t.Context(), ann))
		wantDocument(t, s, ann, "/a", "")
		begin(t, s, ann)
		changes, err := s.PendingChanges(t.Context(), ann)
		noErr(t, err)
		diff(t, 0, len(changes))
	}},
}

func wantDocuments(t *testing.T, s store.Store, login store.LoginID, want []store.Document) {
	t.Helper()
	got, err := s.Documents(t.Context(), login, "/l")
	noErr(t, err)
	diff(t, want, got)
}
