package trail

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

// A session of a real store grows a few times while it is followed, and ends.
func TestFollowStoredSession(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "spsd.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	backEnds(t, func(t *testing.T, f *Files) {
		key := filepath.Base(t.Name())
		revision := int64(0)
		save := func(stored store.Trail, active bool) {
			values := make([]any, len(query.Fields))
			values[slices.IndexFunc(query.Fields, func(f query.Field) bool { return f.Path == "active" })] = active
			revision++
			result, err := db.PutSessions(t.Context(), []store.Session{{
				Key: key, Revision: revision, Start: testNow, Values: values, Trail: &stored,
				Body: func(store.Links) ([]byte, error) { return []byte(`{}`), nil },
			}})
			if err != nil || result.Stored != 1 {
				t.Fatalf("%+v, %v", result, err)
			}
		}
		stored := put(t, f, key, "0")
		save(stored, true)
		f.pause = func(ctx context.Context) error {
			old := stored
			var err error
			if stored, err = f.Append(ctx, key, old, []byte{byte('0' + revision)}, testNow.Add(time.Duration(revision)*time.Second)); err != nil {
				return err
			}
			save(stored, revision < 5)
			return f.Delete(ctx, old.Blob)
		}
		var b bytes.Buffer
		if err := f.Follow(t.Context(), db, key, &b, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		if b.String() != "012345" {
			t.Errorf("got %q", b.String())
		}
	})
}
