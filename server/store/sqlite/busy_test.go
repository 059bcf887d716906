package sqlite

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

// While somebody else holds the write lock, renewals give up soon, however many
// there are, and reading goes on.
func TestRenewalWhileAnotherProcessWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s, other := openTest(t, path), openTest(t, path)
	now := time.Unix(1_700_000_000, 0)
	login := store.Login{ID: store.LoginID{1}, User: "ann", CreatedAt: now, ExpiresAt: now.Add(time.Minute)}
	if err := s.CreateUser(t.Context(), store.User{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateLogin(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	dbtx, err := other.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := s.ExtendLogin(t.Context(), login.ID, now, now.Add(time.Hour)); !errors.Is(err, store.ErrBusy) {
				t.Errorf("renewal: %v, want %v", err, store.ErrBusy)
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took > busyTimeout/2 {
		t.Errorf("50 renewals gave up after %v", took)
	}
	if l, err := s.Login(t.Context(), login.ID, now); err != nil || !l.ExpiresAt.Equal(login.ExpiresAt) {
		t.Errorf("login: %+v, %v", l, err)
	}
	if err := dbtx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.ExtendLogin(t.Context(), login.ID, now, now.Add(time.Hour)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Readers that never finish their pages hold up nothing else.
func TestSlowReadersOfPages(t *testing.T) {
	s := newTest(t)
	if _, err := s.PutSessions(t.Context(), []store.Session{testSession("a", time.Unix(1, 0))}); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(t.Context(), store.User{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	var started, ended sync.WaitGroup
	started.Add(maxPages)
	release := make(chan struct{})
	for range maxPages {
		ended.Go(func() {
			err := s.WalkSessions(t.Context(), store.Page{Limit: 1, Bodies: true}, func(string, []byte) error {
				started.Done()
				<-release
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	started.Wait()
	if _, err := s.User(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
	if _, err := s.PendingChanges(t.Context(), store.LoginID{1}); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Downloads(t.Context(), "a", 0, 1); err != nil {
		t.Error(err)
	}
	if n, err := s.CountSessions(t.Context(), store.Filter{StartFrom: time.Unix(1, 0)}, 10); n != 1 || err != nil {
		t.Errorf("%d sessions, %v", n, err)
	}
	close(release)
	ended.Wait()
}
