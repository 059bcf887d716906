package storetest

import (
	"testing"
	"time"

	"github.com/spskit/spskit/server/store"
)

// RunDurability tests that what was stored is there when the store is opened
// again. Each call of open opens the same store, which is empty at first and
// has been closed before the next call.
func RunDurability(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	ann, bob := loginID(1), loginID(2)
	t.Run("write", func(t *testing.T) {
		s := open(t)
		annAndBob(t, s)
		writeA(t, s, ann, `"committed"`)
		begin(t, s, ann)
		noErr(t, s.PutDocument(t.Context(), ann, "/a", []byte(`"pending"`)))
		a := newSession("a", epoch, values{"active": true})
		a.Channels, a.Trail = []byte("[1]"), &someTrail
		put(t, s, a, newSession("b", epoch.Add(time.Second), nil))
		noErr(t, s.AddDownload(t.Context(), "a", store.Download{Time: epoch, User: "ann"}, func([]byte) ([]byte, error) {
			return []byte(`{"downloaded":true}`), nil
		}))
	})
	t.Run("read", func(t *testing.T) {
		s := open(t)
		l, err := s.Login(t.Context(), bob, epoch)
		noErr(t, err)
		diff(t, "bob", l.User)
		wantDocument(t, s, bob, "/a", `"committed"`)
		wantDocument(t, s, ann, "/a", `"pending"`)
		_, _, err = s.OpenTransaction(t.Context(), bob, epoch, true)
		wantErr(t, err, store.ErrLocked)
		diff(t, int64(2), commit(t, s, ann))
		wantBody(t, s, "a", `{"downloaded":true}`)
		wantParts(t, s, "a", []byte("[1]"), nil, nil, nil, nil)
		trail, active, err := s.SessionTrail(t.Context(), "a")
		noErr(t, err)
		diff(t, someTrail, trail)
		diff(t, true, active)
		_, total, err := s.Downloads(t.Context(), "a", 0, 10)
		noErr(t, err)
		diff(t, 1, total)
		diff(t, []string{"b", "a"}, walk(t, s, store.Page{Limit: 10}))
		wantCount(t, s, 2)
	})
}
