package audit

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

// guideSession is the sample of the guide: it ends before it starts, and its
// dates are in different zones.
const guideSession = `{"active":false,"analytics":{"interesting_events":[],"scripted":false,"scripted_results":{},` +
	`"similar_sessions":[],"tags":[]},"client":{"ip":"10.20.30.40","name":"10.20.30.40","port":59125},` +
	`"creation_time":"2018-11-14T12:26:59.244Z","duration":57,"end_time":"2018-09-15T14:22:00+05:00","hidden":false,` +
	`"node_id":"6fed7872-065e-41d2-9cfa-ba75e8cad901","origin":"RECORDING","phantom":false,"protocol":"SSH",` +
	`"recording":{"archived":false,"auth_method":"password","channel_policy":"shell-only","command_extracted":false,` +
	`"connection_policy":"myconnectionpolicy","connection_policy_id":"15682863055beac3c8d23bf","content_reference_id":30,` +
	`"has_accepted_channel":true,"index_status":"INDEXED","server_local":{"ip":"10.20.30.40","name":"10.20.30.40","port":55386},` +
	`"session_id":"svc/rUhhQZ3jYsY1NDWYp9DEpq/abcde:29","target":{"ip":"10.20.30.40","name":"10.20.30.40","port":221},` +
	`"verdict":"Accepted","window_title_extracted":false},"revision":15,"server":{"ip":"10.20.30.40","name":"10.20.30.40","port":22},` +
	`"start_time":"2018-09-15T15:53:00+05:00","user":{"id":"myid","name":"myname","server_username":"myserver"},"verdict":"ACCEPT"}`

var testNow = time.Date(2024, 5, 17, 8, 30, 0, 0, time.UTC)

func newStore(tb testing.TB) store.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "spsd.db"))
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

func newService(tb testing.TB) (*Service, store.Store) {
	tb.Helper()
	s := newStore(tb)
	return New(s, func() time.Time { return testNow }), s
}

func put(tb testing.TB, s store.Sessions, documents ...*Document) store.PutResult {
	tb.Helper()
	var batch []store.Session
	for _, d := range documents {
		session, err := d.Compose()
		if err != nil {
			tb.Fatal(err)
		}
		batch = append(batch, session)
	}
	result, err := s.PutSessions(tb.Context(), batch)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

// guideDocument is the guide's session, under a key and a start of its own.
func guideDocument(tb testing.TB, key string, start time.Time) *Document {
	tb.Helper()
	d := &Document{Key: key}
	if err := decodeJSON([]byte(guideSession), &d.Body); err != nil {
		tb.Fatal(err)
	}
	if !start.IsZero() {
		d.Body["start_time"] = start.UTC().Format(time.RFC3339Nano)
	}
	return d
}

func putMany(tb testing.TB, s store.Sessions, n int) {
	tb.Helper()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	documents := make([]*Document, n)
	for i := range documents {
		documents[i] = guideDocument(tb, "s"+strconv.Itoa(i), start.Add(time.Duration(i)*time.Minute))
	}
	put(tb, s, documents...)
}

func valueAt(tb testing.TB, s *store.Session, path string) any {
	tb.Helper()
	f := query.FieldAt(path)
	if f == nil {
		tb.Fatalf("no field %s", path)
	}
	return s.Values[fieldIndex(path)]
}

func ptr[T any](v T) *T { return &v }
