package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

func owner(user, agent string) store.SnapshotOwner {
	return store.SnapshotOwner{User: user, Address: "192.0.2.1", Agent: agent}
}

var snapshotTests = []test{
	{"one a user, address and agent, renewed by use", func(t *testing.T, s store.Store) {
		ann := owner("ann", "a")
		first, err := s.OpenSnapshot(t.Context(), "1", ann, epoch, epoch.Add(time.Minute), 5)
		noErr(t, err)
		diff(t, store.Snapshot{ID: "1", Owner: ann, Version: first.Version, OpenedAt: epoch.UTC(), ExpiresAt: epoch.Add(time.Minute)}, first)
		put(t, s, newSession("later", epoch, nil))
		again, err := s.OpenSnapshot(t.Context(), "2", ann, epoch.Add(30*time.Second), epoch.Add(90*time.Second), 5)
		noErr(t, err)
		first.ExpiresAt = epoch.Add(90 * time.Second)
		diff(t, first, again)
		used, err := s.UseSnapshot(t.Context(), "1", ann, epoch.Add(89*time.Second), epoch.Add(149*time.Second))
		noErr(t, err)
		first.ExpiresAt = epoch.Add(149 * time.Second)
		diff(t, first, used)
		for name, other := range map[string]store.SnapshotOwner{
			"user": owner("bob", "a"), "agent": owner("ann", "b"), "address": {User: "ann", Address: "192.0.2.2", Agent: "a"},
		} {
			if _, err := s.UseSnapshot(t.Context(), "1", other, epoch, epoch.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("another %s: %v", name, err)
			}
		}
		_, err = s.UseSnapshot(t.Context(), "1", ann, epoch.Add(149*time.Second), epoch.Add(time.Hour))
		wantErr(t, err, store.ErrNotFound)
		fresh, err := s.OpenSnapshot(t.Context(), "3", ann, epoch.Add(149*time.Second), epoch.Add(time.Hour), 5)
		noErr(t, err)
		diff(t, "3", fresh.ID)
		diff(t, true, fresh.Version > first.Version)
	}},
	{"no more than the quota for a user", func(t *testing.T, s store.Store) {
		for i := range 2 {
			_, err := s.OpenSnapshot(t.Context(), fmt.Sprint(i), owner("ann", fmt.Sprint(i)), epoch, epoch.Add(time.Duration(i+1)*time.Minute), 2)
			noErr(t, err)
		}
		_, err := s.OpenSnapshot(t.Context(), "2", owner("ann", "2"), epoch, epoch.Add(time.Hour), 2)
		wantErr(t, err, store.ErrQuota)
		var quota *store.QuotaError
		if !errors.As(err, &quota) || !quota.ExpiresAt.Equal(epoch.Add(time.Minute)) {
			t.Errorf("error %#v", err)
		}
		_, err = s.OpenSnapshot(t.Context(), "3", owner("bob", "2"), epoch, epoch.Add(time.Hour), 2)
		noErr(t, err)
		_, err = s.OpenSnapshot(t.Context(), "4", owner("ann", "2"), epoch.Add(time.Minute), epoch.Add(time.Hour), 2)
		noErr(t, err)
		n, err := s.DeleteExpiredSnapshots(t.Context(), epoch.Add(2*time.Minute))
		noErr(t, err)
		diff(t, 1, n)
	}},
	{"a page begins behind a session that is there", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil))
		for _, sort := range [][]store.Order{nil, {{Field: query.FieldAt("protocol")}}} {
			err := s.WalkSessions(t.Context(), store.Page{Limit: 1, After: "b", Sort: sort}, func(string, []byte) error { return nil })
			wantErr(t, err, store.ErrNotFound)
			diff(t, 0, len(walk(t, s, store.Page{Limit: 1, After: "a", Sort: sort})))
		}
	}},
	{"a walk in a snapshot misses nothing while others import", testWalkDuringImport},
}

// shelf is a snapshot, and what was in the store when it was opened.
type shelf struct {
	snapshot store.Snapshot
	sessions []store.Session
}

// checkSnapshots puts, replaces, opens, expires and searches in any order, and
// compares with copies. The keys are new in each run; what earlier runs left in
// the store is out of the filter's sight.
func checkSnapshots(t *rapid.T, s store.Store, run string) {
	var current []store.Session
	shelves := map[string]shelf{}
	now := epoch
	inRun := func(f store.Filter) store.Filter {
		mine := query.Equal{Field: query.FieldAt("user.name"), Value: run}
		if f.Expr == nil {
			f.Expr = mine
		} else {
			f.Expr = query.And{mine, f.Expr}
		}
		return f
	}
	t.Repeat(map[string]func(*rapid.T){
		"put": func(t *rapid.T) {
			var batch []store.Session
			for range rapid.IntRange(1, 4).Draw(t, "sessions") {
				session := drawSession(t, run)
				if i := slices.IndexFunc(current, func(c store.Session) bool { return c.Key == session.Key }); i >= 0 {
					session.Revision = current[i].Revision + 1
					current[i] = session
				} else {
					current = append(current, session)
				}
				batch = append(batch, session)
			}
			if _, err := s.PutSessions(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		},
		"open": func(t *rapid.T) {
			id := run + rapid.SampledFrom([]string{"x", "y"}).Draw(t, "snapshot")
			snapshot, err := s.OpenSnapshot(t.Context(), id, owner(id, ""), now, now.Add(time.Minute), 3)
			if err != nil {
				t.Fatal(err)
			}
			if _, open := shelves[id]; !open {
				shelves[id] = shelf{snapshot, slices.Clone(current)}
			}
		},
		"expire": func(t *rapid.T) {
			now = now.Add(time.Minute)
			clear(shelves)
			if _, err := s.DeleteExpiredSnapshots(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		},
		"search": func(t *rapid.T) {
			if len(current) == 0 {
				return
			}
			f := inRun(filters(current).Draw(t, "filter"))
			sort := orders.Draw(t, "sort")
			checkAll(t, s, store.Page{Filter: f, Sort: sort}, current)
			for _, shelf := range shelves {
				checkAll(t, s, store.Page{Filter: f, Sort: sort, Snapshot: &shelf.snapshot}, shelf.sessions)
			}
			if n, err := s.CountSessions(t.Context(), f, 1000); err != nil || n != len(matching(current, f, nil)) {
				t.Fatalf("counted %d, %v", n, err)
			}
		},
	})
}

// drawSession draws a session of a few keys, each of which has its own time to
// start at, and then another one.
func drawSession(t *rapid.T, run string) store.Session {
	n := rapid.IntRange(0, 9).Draw(t, "key")
	start := epoch.Add(time.Duration(n+10*rapid.IntRange(0, 2).Draw(t, "move")) * 7 * time.Millisecond)
	v := values{"user.name": run}
	for _, f := range likelyFields {
		if f.Path != "start_time" && f.Path != "user.name" && rapid.Bool().Draw(t, "has "+f.Path) {
			v[f.Path] = rapid.SampledFrom(sampleValues(f)).Draw(t, f.Path)
		}
	}
	session := newSession(fmt.Sprintf("%s%d", run, n), start, v)
	if rapid.Bool().Draw(t, "content") {
		session.Content = []byte("[]")
		session.Text.Command = strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 4).Draw(t, "text"), " ")
	} else {
		session.Content, session.Text = []byte("[]"), store.Text{}
	}
	return session
}

// checkAll goes through all pages of a search.
func checkAll(t *rapid.T, s store.Store, p store.Page, sessions []store.Session) {
	p.Limit = rapid.IntRange(1, 5).Draw(t, "page")
	got := []string{}
	for {
		page := drawPage(t, s, p)
		got = append(got, page...)
		if len(page) < p.Limit {
			break
		}
		p.After = page[len(page)-1]
	}
	if d := gocmp.Diff(keysOf(matching(sessions, p.Filter, p.Sort)), got); d != "" {
		t.Fatalf("%s sorted by %v in %v: -want +got:\n%s", query.Format(p.Filter.Expr), p.Sort, p.Snapshot, d)
	}
}

func testWalkDuringImport(t *testing.T, s store.Store) {
	const n = 300
	sessions := manySessions(n)
	put(t, s, sessions...)
	want := keysOf(matching(sessions, store.Filter{}, nil))
	ann := owner("ann", "")
	snapshot, err := s.OpenSnapshot(t.Context(), "1", ann, epoch, epoch.Add(time.Hour), 1)
	noErr(t, err)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			// One of the old in a newer version that starts at another time, and one
			// that is new.
			again := sessions[i%n]
			again.Revision += int64(1 + i/n)
			again.Start = epoch.Add(time.Duration(i) * time.Second)
			if _, err := s.PutSessions(t.Context(), []store.Session{again, newSession(fmt.Sprint("new", i), epoch.Add(time.Duration(i)*time.Minute), nil)}); err != nil {
				t.Errorf("import: %v", err)
				return
			}
		}
	})
	for range 3 {
		var got []string
		p := store.Page{Snapshot: &snapshot, Limit: 7}
		for {
			page := walk(t, s, p)
			got = append(got, page...)
			if len(page) < p.Limit {
				break
			}
			p.After = page[len(page)-1]
		}
		diff(t, want, got)
	}
	close(done)
	wg.Wait()
}
