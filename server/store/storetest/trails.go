package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

var someTrail = store.Trail{Blob: "trails/a.zat", Size: 1 << 40, SHA256: "00ff", Modified: epoch.UTC()}

var trailTests = []test{
	{"a trail is stored with its session", func(t *testing.T, s store.Store) {
		closed := newSession("closed", epoch, values{"active": false})
		active := newSession("active", epoch, values{"active": true})
		unsaid := newSession("unsaid", epoch, nil)
		for _, session := range []*store.Session{&closed, &active, &unsaid} {
			session.Trail = &store.Trail{Blob: someTrail.Blob, Size: someTrail.Size, SHA256: "00ff", Modified: epoch}
		}
		put(t, s, closed, active, unsaid)
		for key, want := range map[string]bool{"closed": false, "active": true, "unsaid": false} {
			trail, active, err := s.SessionTrail(t.Context(), key)
			noErr(t, err)
			diff(t, someTrail, trail)
			diff(t, want, active)
		}
		wantBody(t, s, "closed", bodyOf("closed", "", store.Links{Trail: true}))
	}},
	{"no trail, no session: not found", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil))
		for _, key := range []string{"a", "b"} {
			_, _, err := s.SessionTrail(t.Context(), key)
			wantErr(t, err, store.ErrNotFound)
		}
	}},
	{"a newer version keeps the trail, or brings another", func(t *testing.T, s store.Store) {
		a := newSession("a", epoch, values{"active": true})
		a.Trail = &someTrail
		put(t, s, a)
		b := newSession("a", epoch.Add(time.Minute), values{"active": false})
		b.Revision = 2
		put(t, s, b)
		trail, active, err := s.SessionTrail(t.Context(), "a")
		noErr(t, err)
		diff(t, someTrail, trail)
		diff(t, false, active)
		wantBody(t, s, "a", bodyOf("a", "", store.Links{Trail: true}))
		c := newSession("a", epoch, nil)
		c.Revision = 3
		other := store.Trail{Blob: "other", Size: 1, SHA256: "aa", Modified: epoch.Add(time.Hour).UTC()}
		c.Trail = &other
		put(t, s, c)
		trail, _, err = s.SessionTrail(t.Context(), "a")
		noErr(t, err)
		diff(t, other, trail)
	}},
	{"the first download rewrites the body, later ones do not", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil), newSession("b", epoch, nil))
		rewritten := 0
		for range 3 {
			noErr(t, s.AddDownload(t.Context(), "a", store.Download{Time: epoch}, func(body []byte) ([]byte, error) {
				diff(t, bodyOf("a", "", store.Links{}), string(body))
				rewritten++
				return []byte(`{"rewritten":true}`), nil
			}))
		}
		diff(t, 1, rewritten)
		wantBody(t, s, "a", `{"rewritten":true}`)
		wantBody(t, s, "b", bodyOf("b", "", store.Links{}))
		noErr(t, s.WalkSessions(t.Context(), store.Page{Limit: 10, Bodies: true}, func(key string, body []byte) error {
			if key == "a" {
				diff(t, `{"rewritten":true}`, string(body))
			}
			return nil
		}))
		newer := newSession("a", epoch.Add(time.Hour), nil)
		newer.Revision = 2
		put(t, s, newer)
		wantBody(t, s, "a", bodyOf("a", "", store.Links{Downloads: true}))
	}},
	{"a failed rewrite logs nothing", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil))
		broken := errors.New("broken")
		err := s.AddDownload(t.Context(), "a", store.Download{Time: epoch}, func([]byte) ([]byte, error) { return nil, broken })
		wantErr(t, err, broken)
		_, total, err := s.Downloads(t.Context(), "a", 0, 10)
		noErr(t, err)
		diff(t, 0, total)
		wantBody(t, s, "a", bodyOf("a", "", store.Links{}))
	}},
	{"downloads come oldest first, page by page", func(t *testing.T, s store.Store) {
		put(t, s, newSession("a", epoch, nil), newSession("b", epoch, nil))
		var want []store.Download
		for _, i := range []int{2, 0, 3, 1} {
			d := store.Download{
				Time: epoch.Add(time.Duration(i) * time.Microsecond), User: fmt.Sprint("user", i), Address: "192.0.2.1", FromAPI: i%2 == 0,
			}
			noErr(t, s.AddDownload(t.Context(), "a", d, func(body []byte) ([]byte, error) { return body, nil }))
		}
		for i := range 4 {
			want = append(want, store.Download{
				Time: epoch.Add(time.Duration(i) * time.Microsecond).UTC(), User: fmt.Sprint("user", i), Address: "192.0.2.1", FromAPI: i%2 == 0,
			})
		}
		for _, page := range []struct {
			offset, limit int
			want          []store.Download
		}{{0, 10, want}, {0, 2, want[:2]}, {2, 2, want[2:]}, {3, 2, want[3:]}, {4, 2, nil}, {0, 0, nil}} {
			got, total, err := s.Downloads(t.Context(), "a", page.offset, page.limit)
			noErr(t, err)
			diff(t, 4, total)
			diff(t, page.want, got)
		}
		got, total, err := s.Downloads(t.Context(), "b", 0, 10)
		noErr(t, err)
		diff(t, 0, total+len(got))
	}},
	{"there are no downloads of what is not there", func(t *testing.T, s store.Store) {
		_, _, err := s.Downloads(t.Context(), "a", 0, 10)
		wantErr(t, err, store.ErrNotFound)
		err = s.AddDownload(t.Context(), "a", store.Download{Time: epoch}, func(body []byte) ([]byte, error) { return body, nil })
		wantErr(t, err, store.ErrNotFound)
	}},
}
