// Package storetest is the conformance suite of the store: one subtest for each
// guarantee that the comments in package store give. Every back end runs it; it
// knows none of them, and tests nothing that store does not promise.
package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// epoch is the time at which the tests play. It has microseconds, and not in UTC.
var epoch = time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.FixedZone("", 2*3600))

type test struct {
	name string
	run  func(t *testing.T, s store.Store)
}

type group struct {
	name  string
	tests []test
}

var searchGroups = []group{{"Pages", pageTests}, {"Search", searchTests}, {"Snapshots", snapshotTests}}

// Run tests the stores that newStore opens, each of them new and empty.
func Run(t *testing.T, newStore func(t *testing.T) store.Store) {
	t.Helper()
	run(t, newStore, append([]group{
		{"Users", userTests},
		{"Logins", loginTests},
		{"APIKeys", apiKeyTests},
		{"Configuration", configurationTests},
		{"Conflicts", conflictTests},
		{"PutSessions", putTests},
		{"Trails", trailTests},
		{"Concurrency", concurrencyTests},
	}, searchGroups...))
}

// RunSearch is the part of Run that is about finding sessions, for stores that have
// another way of doing it.
func RunSearch(t *testing.T, newStore func(t *testing.T) store.Store) {
	t.Helper()
	run(t, newStore, searchGroups)
}

func run(t *testing.T, newStore func(t *testing.T) store.Store, groups []group) {
	t.Helper()
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) { test.run(t, newStore(t)) })
			}
		})
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("-want +got:\n%s", d)
	}
}

func addUser(t *testing.T, s store.Store, name string) {
	t.Helper()
	noErr(t, s.CreateUser(t.Context(), store.User{Name: name, PasswordHash: "hash", CreatedAt: epoch}))
}

// addLogin logs the user in for an hour from epoch on.
func addLogin(t *testing.T, s store.Store, user string, id byte) store.LoginID {
	t.Helper()
	l := store.Login{ID: loginID(id), User: user, Address: "192.0.2.1", CreatedAt: epoch, ExpiresAt: epoch.Add(time.Hour)}
	noErr(t, s.CreateLogin(t.Context(), l))
	return l.ID
}

func loginID(n byte) store.LoginID { return store.LoginID{0: n, 31: n} }

// begin opens a transaction for the login.
func begin(t *testing.T, s store.Store, login store.LoginID) {
	t.Helper()
	_, opened, err := s.OpenTransaction(t.Context(), login, epoch, false)
	noErr(t, err)
	if !opened {
		t.Fatal("there was a transaction already")
	}
}

func commit(t *testing.T, s store.Store, login store.LoginID) int64 {
	t.Helper()
	revision, err := s.CommitTransaction(t.Context(), login, store.Commit{User: "ann", Message: "why", Time: epoch})
	noErr(t, err)
	return revision
}

// writeA commits the document /a in a transaction of its own.
func writeA(t *testing.T, s store.Store, login store.LoginID, body string) {
	t.Helper()
	begin(t, s, login)
	noErr(t, s.PutDocument(t.Context(), login, "/a", bytesOrNil(body)))
	commit(t, s, login)
}

func bytesOrNil(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// wantDocument compares what login sees at path; "" is nothing.
func wantDocument(t *testing.T, s store.Store, login store.LoginID, path, want string) {
	t.Helper()
	got, err := s.Document(t.Context(), login, path)
	if want == "" {
		wantErr(t, err, store.ErrNotFound)
		return
	}
	noErr(t, err)
	diff(t, want, string(got))
}

// values are a session's field values by path.
type values map[string]any

// newSession makes revision 1 of a session. Its body shows which version it is
// and the links it was given.
func newSession(key string, start time.Time, v values) store.Session {
	s := store.Session{Key: key, Revision: 1, Start: start, Values: make([]any, len(query.Fields))}
	for i, f := range query.Fields {
		s.Values[i] = v[f.Path]
		if f.Path == "start_time" {
			s.Values[i] = start
		}
	}
	withBody(&s, "")
	return s
}

func withBody(s *store.Session, note string) {
	s.Body = func(l store.Links) ([]byte, error) { return []byte(bodyOf(s.Key, note, l)), nil }
}

func bodyOf(key, note string, l store.Links) string {
	return fmt.Sprintf(`{"key":%q,"note":%q,"trail":%t,"downloads":%t}`, key, note, l.Trail, l.Downloads)
}

func put(t *testing.T, s store.Store, batch ...store.Session) store.PutResult {
	t.Helper()
	res, err := s.PutSessions(t.Context(), batch)
	noErr(t, err)
	return res
}

func wantBody(t *testing.T, s store.Store, key, want string) {
	t.Helper()
	got, err := s.SessionBody(t.Context(), key)
	noErr(t, err)
	diff(t, want, string(got))
}

func walk(t *testing.T, s store.Store, p store.Page) []string {
	t.Helper()
	var keys []string
	noErr(t, s.WalkSessions(t.Context(), p, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	}))
	return keys
}
