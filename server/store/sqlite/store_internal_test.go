package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

func TestIDs(t *testing.T) {
	t0 := time.Unix(1_700_000_000, 0)
	if a, b := sessionID("a", t0), sessionID("b", t0.Add(time.Millisecond)); a >= b || a>>hashBits != t0.UnixMilli() {
		t.Errorf("ids %d and %d are not in order of start", a, b)
	}
	for _, year := range []int{1, 1600, 1969, 2024, 2300, 9999} {
		at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		if a, b := sessionID("a", at), sessionID("a", at.AddDate(30, 0, 0)); a > b {
			t.Errorf("what starts in %d sorts after what starts 30 years later", year)
		}
	}
	if got, want := nextID(5<<hashBits|hashMask), int64(5<<hashBits); got != want {
		t.Errorf("after the last id of a millisecond comes %d, want %d", got, want)
	}
	if got, want := nextID(-5<<hashBits), int64(-5<<hashBits+1); got != want {
		t.Errorf("the next id is %d, want %d", got, want)
	}
}

func TestEqualHashes(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	keys := collidingKeys(start)
	s := newTest(t)
	for _, revision := range []int64{1, 2} { // stored, then replaced at another start
		var batch []store.Session
		for _, key := range keys {
			session := testSession(key, start.Add(time.Duration(revision)*time.Hour))
			session.Revision = revision
			session.Body = func(store.Links) ([]byte, error) { return fmt.Appendf(nil, "%s %d", key, revision), nil }
			batch = append(batch, session)
		}
		if res, err := s.PutSessions(t.Context(), batch); err != nil || res.Stored != len(keys) {
			t.Fatalf("stored %d (%v), want %d", res.Stored, err, len(keys))
		}
		for _, key := range keys {
			if body, err := s.SessionBody(t.Context(), key); err != nil || string(body) != fmt.Sprintf("%s %d", key, revision) {
				t.Errorf("body of %s: %s, %v", key, body, err)
			}
		}
	}
	if got := scalar[int](t, s, `SELECT count(*) FROM session_docs d JOIN sessions s ON s.id = d.id AND s.key = d.key`); got != len(keys) {
		t.Errorf("%d documents lie with their sessions, want %d", got, len(keys))
	}
}

// collidingKeys returns three keys that want the same id.
func collidingKeys(start time.Time) []string {
	byID := make(map[int64][]string)
	for i := 0; ; i++ {
		key := fmt.Sprint("key", i)
		id := sessionID(key, start)
		byID[id] = append(byID[id], key)
		if len(byID[id]) == 3 {
			return byID[id]
		}
	}
}

func TestCancelledBatch(t *testing.T) {
	s := newTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	first := testSession("a", time.Unix(1, 0))
	first.Body = func(store.Links) ([]byte, error) {
		cancel()
		return []byte("{}"), nil
	}
	_, err := s.PutSessions(ctx, []store.Session{first, testSession("b", time.Unix(1, 0))})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if n, err := s.CountSessions(t.Context(), store.Filter{}, 10); n != 0 || err != nil {
		t.Errorf("%d sessions stored (%v), want none", n, err)
	}
}

func TestPanicInBodyLeavesTheStoreUsable(t *testing.T) {
	s := newTest(t)
	bad := testSession("a", time.Unix(1, 0))
	bad.Body = func(store.Links) ([]byte, error) { panic("oops") }
	func() {
		defer func() { _ = recover() }()
		_, _ = s.PutSessions(t.Context(), []store.Session{bad})
	}()
	res, err := s.PutSessions(t.Context(), []store.Session{testSession("a", time.Unix(1, 0))})
	if err != nil || res.Stored != 1 {
		t.Errorf("stored %d, %v", res.Stored, err)
	}
}

// Two stores of one file see each other's changes at once.
func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	a, b := openTest(t, path), openTest(t, path)
	for i := range 10 {
		for _, s := range []*Store{a, b} {
			if _, err := s.PutSessions(t.Context(), []store.Session{testSession(fmt.Sprintf("%p%d", s, i), time.Unix(1, 0))}); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range []*Store{a, b} {
			if n, err := s.CountSessions(t.Context(), store.Filter{}, 100); err != nil || n != 2*(i+1) {
				t.Fatalf("%d sessions (%v), want %d", n, err, 2*(i+1))
			}
		}
	}
}
