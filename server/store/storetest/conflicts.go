package storetest

import (
	"errors"
	"testing"

	"github.com/spskit/spskit/server/store"
)

var conflictTests = []test{
	{"each commit that changes something is a revision", func(t *testing.T, s store.Store) {
		ann, _ := annAndBob(t, s)
		var got []int64
		for _, body := range []string{"1", "", "2"} {
			begin(t, s, ann)
			if body != "" {
				noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte(body)))
			}
			got = append(got, commit(t, s, ann))
			_, err := s.Transaction(t.Context(), ann)
			wantErr(t, err, store.ErrNoTransaction)
		}
		diff(t, []int64{1, 1, 2}, got)
		revision, err := s.Revision(t.Context())
		noErr(t, err)
		diff(t, int64(2), revision)
	}},
	{"who comes second gets a conflict, keeps the transaction, and changes nothing", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		begin(t, s, bob)
		noErr(t, s.PutDocument(t.Context(), ann, "/b", []byte(`"ann"`)))
		noErr(t, s.PutDocument(t.Context(), bob, "/a", []byte(`"bob"`)))
		noErr(t, s.PutDocument(t.Context(), bob, "/b", []byte(`"bob"`)))
		commit(t, s, ann)
		wantConflict(t, s, bob, "/b")
		wantDocument(t, s, nobody, "/a", "")
		wantDocument(t, s, nobody, "/b", `"ann"`)
		wantDocument(t, s, bob, "/b", `"bob"`)
		_, err := s.Transaction(t.Context(), bob)
		noErr(t, err)
		revision, err := s.Revision(t.Context())
		noErr(t, err)
		diff(t, int64(1), revision)
	}},
	{"different documents do not conflict", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		begin(t, s, bob)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("1")))
		noErr(t, s.PutDocument(t.Context(), bob, "/b", []byte("2")))
		diff(t, int64(1), commit(t, s, ann))
		diff(t, int64(2), commit(t, s, bob))
		wantDocument(t, s, nobody, "/a", "1")
		wantDocument(t, s, nobody, "/b", "2")
	}},
	{"the first write counts, not when the transaction opened", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		writeA(t, s, bob, "1")
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("2")))
		diff(t, int64(2), commit(t, s, ann))
		wantDocument(t, s, nobody, "/a", "2")
	}},
	{"the first write counts, not the last", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("2")))
		writeA(t, s, bob, "1")
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("3")))
		wantConflict(t, s, ann, "/a")
	}},
	{"a deletion conflicts like any change", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		writeA(t, s, ann, "1")
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("2")))
		writeA(t, s, bob, "")
		wantConflict(t, s, ann, "/a")
		noErr(t, s.PutDocument(t.Context(), ann, "/a", nil))
		wantConflict(t, s, ann, "/a")
	}},
	{"created and deleted meanwhile is changed all the same", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("2")))
		writeA(t, s, bob, "1")
		writeA(t, s, bob, "")
		wantConflict(t, s, ann, "/a")
	}},
	{"after a rollback the change can be made anew", func(t *testing.T, s store.Store) {
		ann, bob := annAndBob(t, s)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte("2")))
		writeA(t, s, bob, "1")
		wantConflict(t, s, ann, "/a")
		noErr(t, s.RollbackTransaction(t.Context(), ann))
		writeA(t, s, ann, "2")
		wantDocument(t, s, nobody, "/a", "2")
	}},
}

func wantConflict(t *testing.T, s store.Store, login store.LoginID, path string) {
	t.Helper()
	_, err := s.CommitTransaction(t.Context(), login, store.Commit{User: "ann", Time: epoch})
	wantErr(t, err, store.ErrConflict)
	conflict, ok := errors.AsType[*store.ConflictError](err)
	if !ok {
		t.Fatalf("%T is not a *ConflictError", err)
	}
	diff(t, path, conflict.Path)
}
