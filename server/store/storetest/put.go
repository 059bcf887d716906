package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

var allParts = []store.Part{store.PartChannels, store.PartAlerts, store.PartEvents, store.PartIndexing, store.PartContent}

var putTests = []test{
	{"an empty batch does nothing", func(t *testing.T, s store.Store) {
		diff(t, store.PutResult{}, put(t, s))
	}},
	{"a session is found by its key", func(t *testing.T, s store.Store) {
		a := newSession("a.B-_~1", epoch, nil)
		a.Channels, a.Content = []byte(`[{"key":"1"}]`), []byte(`[{"text":"ls"}]`)
		diff(t, store.PutResult{Stored: 2}, put(t, s, a, newSession("b", epoch, nil)))
		wantBody(t, s, "a.B-_~1", bodyOf("a.B-_~1", "", store.Links{}))
		wantBody(t, s, "b", bodyOf("b", "", store.Links{}))
		wantParts(t, s, "a.B-_~1", a.Channels, nil, nil, nil, a.Content)
		wantParts(t, s, "b", nil, nil, nil, nil, nil)
	}},
	{"an unknown key is not found", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil))
		_, err := s.SessionBody(t.Context(), "A")
		wantErr(t, err, store.ErrNotFound)
		for _, part := range allParts {
			_, err = s.SessionPart(t.Context(), "A", part)
			wantErr(t, err, store.ErrNotFound)
		}
	}},
	{"the larger revision wins, whenever it comes", func(t *testing.T, s store.Store) {
		for _, step := range []struct {
			revision int64
			want     store.PutResult
			body     string
		}{
			{3, store.PutResult{Stored: 1}, "3"},
			{3, store.PutResult{Skipped: 1}, "3"},
			{2, store.PutResult{Skipped: 1}, "3"},
			{4, store.PutResult{Stored: 1}, "4"},
		} {
			a := newSession("a", epoch, nil)
			a.Revision = step.revision
			withBody(&a, fmt.Sprint(step.revision))
			diff(t, step.want, put(t, s, a))
			wantBody(t, s, "a", bodyOf("a", step.body, store.Links{}))
			diff(t, []string{"a"}, walk(t, s, store.Page{Limit: 10}))
			wantCount(t, s, 1)
		}
	}},
	{"within a batch, too", func(t *testing.T, s store.Store) {
		var batch []store.Session
		for _, revision := range []int64{2, 1, 5, 5} {
			a := newSession("a", epoch, nil)
			a.Revision = revision
			withBody(&a, fmt.Sprint(revision))
			batch = append(batch, a)
		}
		diff(t, store.PutResult{Stored: 2, Skipped: 2}, put(t, s, batch...))
		wantBody(t, s, "a", bodyOf("a", "5", store.Links{}))
		wantCount(t, s, 1)
	}},
	{"a body that cannot be made undoes the whole batch", func(t *testing.T, s store.Store) {
		put(t, s, newSession("old", epoch, nil))
		newer := newSession("old", epoch.Add(time.Hour), nil)
		newer.Revision, newer.Channels, newer.Trail = 2, []byte("[1]"), &store.Trail{Blob: "x"}
		withBody(&newer, "newer")
		bad := newSession("bad", epoch, nil)
		broken := errors.New("broken")
		bad.Body = func(store.Links) ([]byte, error) { return nil, broken }
		res, err := s.PutSessions(t.Context(), []store.Session{newSession("a", epoch, nil), newer, bad})
		wantErr(t, err, broken)
		diff(t, store.PutResult{}, res)
		diff(t, []string{"old"}, walk(t, s, store.Page{Limit: 10}))
		wantCount(t, s, 1)
		wantBody(t, s, "old", bodyOf("old", "", store.Links{}))
		wantParts(t, s, "old", nil, nil, nil, nil, nil)
		_, _, err = s.SessionTrail(t.Context(), "old")
		wantErr(t, err, store.ErrNotFound)
	}},
	{"a newer version replaces the lists it brings and keeps the others", func(t *testing.T, s store.Store) {
		a := newSession("a", epoch, nil)
		a.Channels, a.Alerts, a.Content, a.Text = []byte("[1]"), []byte("[2]"), []byte("[3]"), store.Text{Command: "three"}
		put(t, s, a)
		b := newSession("a", epoch, nil)
		b.Revision, b.Alerts, b.Events = 2, []byte("[]"), []byte("[4]")
		put(t, s, b)
		wantParts(t, s, "a", []byte("[1]"), []byte("[]"), []byte("[4]"), nil, []byte("[3]"))
		c := newSession("a", epoch.Add(-time.Hour), nil)
		c.Revision, c.Content, c.Indexing, c.Text = 3, []byte("[5]"), []byte("[6]"), store.Text{Screen: "five"}
		put(t, s, c)
		wantParts(t, s, "a", []byte("[1]"), []byte("[]"), []byte("[4]"), []byte("[6]"), []byte("[5]"))
	}},
	{"a newer version without lists keeps having none", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil))
		b := newSession("a", epoch.Add(time.Hour), nil)
		b.Revision, b.Events = 2, []byte("[1]")
		put(t, s, b)
		wantParts(t, s, "a", nil, nil, []byte("[1]"), nil, nil)
	}},
	{"a newer version may start at another time", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil), newSession("b", epoch.Add(time.Hour), nil))
		later := newSession("a", epoch.Add(2*time.Hour), nil)
		later.Revision = 2
		withBody(&later, "moved")
		put(t, s, later)
		diff(t, []string{"a", "b"}, walk(t, s, store.Page{Limit: 10}))
		wantBody(t, s, "a", bodyOf("a", "moved", store.Links{}))
		diff(t, []string{"a"}, walk(t, s, store.Page{Limit: 10, Filter: store.Filter{StartFrom: epoch.Add(2 * time.Hour)}}))
		wantCount(t, s, 2)
	}},
	{"many sessions start in the same millisecond", func(t *testing.T, s store.Store) {
		const n = 300
		batch := make([]store.Session, n)
		for i := range batch {
			batch[i] = newSession(fmt.Sprintf("key-%d", i), epoch, nil)
		}
		diff(t, store.PutResult{Stored: n}, put(t, s, batch...))
		diff(t, store.PutResult{Skipped: n}, put(t, s, batch...))
		for _, i := range []int{0, 1, n / 2, n - 1} {
			wantBody(t, s, batch[i].Key, bodyOf(batch[i].Key, "", store.Links{}))
		}
		seen := make(map[string]bool, n)
		for _, key := range walk(t, s, store.Page{Limit: n + 1}) {
			seen[key] = true
		}
		diff(t, n, len(seen))
		wantCount(t, s, n)
	}},
	{"impossible values are refused", func(t *testing.T, s store.Store) {
		short := newSession("short", epoch, nil)
		short.Values = short.Values[1:]
		for _, bad := range []store.Session{
			short,
			newSession("type", epoch, values{"client.port": "22"}),
			newSession("list", epoch, values{"user.name": []string{"ann"}}),
			newSession("start", time.Time{}, nil),
		} {
			if _, err := s.PutSessions(t.Context(), []store.Session{newSession("a", epoch, nil), bad}); err == nil {
				t.Errorf("%s was stored", bad.Key)
			}
		}
		wantCount(t, s, 0)
	}},
}

// wantParts compares all lists of a session; nil stands for an empty one.
func wantParts(t *testing.T, s store.Store, key string, want ...[]byte) {
	t.Helper()
	for i, part := range allParts {
		got, err := s.SessionPart(t.Context(), key, part)
		noErr(t, err)
		if want[i] == nil {
			want[i] = []byte("[]")
		}
		diff(t, string(part)+" "+string(want[i]), string(part)+" "+string(got))
	}
}

func wantCount(t *testing.T, s store.Store, want int) {
	t.Helper()
	got, err := s.CountSessions(t.Context(), store.Filter{}, 10000)
	noErr(t, err)
	diff(t, want, got)
}
