package config_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

var (
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ann   = store.LoginID{1}
	bob   = store.LoginID{2}
)

const idle = 10 * time.Minute

func clock() time.Time { return start.Add(time.Minute) }

// openStore returns a store in which ann and bob are logged in.
func openStore(tb testing.TB, path string) store.Store {
	tb.Helper()
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func newStore(tb testing.TB) store.Store {
	tb.Helper()
	s := openStore(tb, filepath.Join(tb.TempDir(), "db"))
	for name, id := range map[string]store.LoginID{"ann": ann, "bob": bob} {
		if err := s.CreateUser(context.Background(), store.User{Name: name, CreatedAt: start}); err != nil {
			tb.Fatal(err)
		}
		l := store.Login{ID: id, User: name, CreatedAt: start, ExpiresAt: start.Add(idle)}
		if err := s.CreateLogin(context.Background(), l); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

func profile(tb testing.TB, name string) config.Profile {
	tb.Helper()
	p, err := config.ProfileFor(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// newTree returns a tree with objects /c/0, /c/1 and so on, each {"level":4}
// by default.
func newTree(tb testing.TB, objects int) *config.Tree {
	tb.Helper()
	rows := []config.Resource{{Path: "/c", Kind: config.Category}}
	for i := range objects {
		rows = append(rows, config.Resource{
			Path: fmt.Sprint("/c/", i), Kind: config.Object, Writable: true, Default: []byte(`{"level": 4}`),
		})
	}
	tree, err := config.NewTree(rows)
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

func TestOpenSaysWhetherItDid(t *testing.T) {
	svc := config.New(newStore(t), newTree(t, 1), profile(t, "6.0"), clock)
	for _, want := range []bool{true, false} {
		if opened, err := svc.Open(t.Context(), ann); opened != want || err != nil {
			t.Errorf("opened %v, %v, want %v", opened, err, want)
		}
	}
}

func TestLock(t *testing.T) {
	s := newStore(t)
	now := start
	svc := config.New(s, newTree(t, 1), profile(t, "6.0"), func() time.Time { return now })
	if _, err := svc.Open(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	if err := svc.Put(t.Context(), ann, "/c/0", []byte(`{"level":7}`)); err != nil {
		t.Fatal(err)
	}
	now = start.Add(time.Minute)
	var locked *store.LockedError
	if _, err := svc.Open(t.Context(), bob); !errors.As(err, &locked) {
		t.Fatalf("error %v, want a LockedError", err)
	}
	want := store.LockedError{Holder: "ann", OpenedAt: start, ExpiresAt: start.Add(idle)}
	if d := cmp.Diff(want, *locked); d != "" {
		t.Errorf("locked (-want +got):\n%s", d)
	}

	// The lock ends with ann's login, and so does what she changed.
	now = start.Add(time.Minute)
	if err := s.ExtendLogin(t.Context(), bob, now, now.Add(idle)); err != nil {
		t.Fatal(err)
	}
	now = start.Add(idle)
	if opened, err := svc.Open(t.Context(), bob); !opened || err != nil {
		t.Errorf("after expiry: %v, %v", opened, err)
	}
	if doc, err := svc.Get(t.Context(), bob, "/c/0"); string(doc.Body) != `{"level":4}` || err != nil {
		t.Errorf("after expiry: %s, %v", doc, err)
	}
	if _, err := svc.Open(t.Context(), ann); !errors.Is(err, config.ErrNoLogin) {
		t.Errorf("an expired login opens: %v", err)
	}
}

// A transaction lives in the store: it survives the process.
func TestRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "db")
	tree := newTree(t, 1)
	func() {
		s, err := sqlite.Open(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := s.CreateUser(t.Context(), store.User{Name: "ann", CreatedAt: start}); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateLogin(t.Context(), store.Login{ID: ann, User: "ann", CreatedAt: start, ExpiresAt: start.Add(idle)}); err != nil {
			t.Fatal(err)
		}
		if err := config.New(s, tree, profile(t, "8.0"), clock).Put(t.Context(), ann, "/c/0", []byte(`{"level":7}`)); err != nil {
			t.Fatal(err)
		}
	}()
	svc := config.New(openStore(t, file), tree, profile(t, "8.0"), clock)
	if revision, err := svc.Commit(t.Context(), ann, "ann", ""); revision != 1 || err != nil {
		t.Fatalf("commit after restart: %d, %v", revision, err)
	}
	if doc, err := svc.Get(t.Context(), store.LoginID{}, "/c/0"); string(doc.Body) != `{"level":7}` || err != nil {
		t.Errorf("committed: %s, %v", doc, err)
	}
}

func TestConflictNamesTheDocument(t *testing.T) {
	svc := config.New(newStore(t), newTree(t, 2), profile(t, "8.0"), clock)
	for _, path := range []string{"/c/0", "/c/1"} {
		if err := svc.Put(t.Context(), ann, path, []byte(`{"level":7}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := act(svc, "/c/1", "other commits 9"); err != nil {
		t.Fatal(err)
	}
	var conflict *store.ConflictError
	if _, err := svc.Commit(t.Context(), ann, "ann", ""); !errors.As(err, &conflict) || conflict.Path != "/c/1" {
		t.Errorf("commit: %v", err)
	}
	if doc, err := svc.Get(t.Context(), store.LoginID{}, "/c/0"); string(doc.Body) != `{"level":4}` || err != nil {
		t.Errorf("half committed: %s, %v", doc, err)
	}
}

// Nothing that a write acknowledged is lost between the steps of a commit,
// whoever of the login's own clients commits meanwhile.
func TestWritesDuringCommits(t *testing.T) {
	const writers = 8
	svc := config.New(newStore(t), newTree(t, writers), profile(t, "8.0"), clock)
	ctx := context.Background()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			path := fmt.Sprint("/c/", i)
			for level := range 10 {
				// Back to the committed value now and then, so that commits
				// find nothing to do.
				if err := svc.Put(ctx, ann, path, fmt.Appendf(nil, `{"level":%d}`, level%2+4)); err != nil {
					t.Error(err)
				}
				if _, err := svc.Commit(ctx, ann, "ann", ""); err != nil && !errors.Is(err, store.ErrNoTransaction) {
					t.Error(err)
				}
			}
			if err := svc.Put(ctx, ann, path, fmt.Appendf(nil, `{"level":%d}`, 100+i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range writers {
		doc, err := svc.Get(ctx, ann, fmt.Sprint("/c/", i))
		if want := fmt.Sprintf(`{"level":%d}`, 100+i); string(doc.Body) != want || err != nil {
			t.Errorf("writer %d: %s, %v, want %s", i, doc, err, want)
		}
	}
}
