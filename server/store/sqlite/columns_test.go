package sqlite

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

func TestColumnsAreTheRegistry(t *testing.T) {
	s := newTest(t)
	types := map[query.Type]string{query.Keyword: "TEXT", query.Long: "INTEGER", query.Bool: "INTEGER", query.Date: "INTEGER", query.IP: "BLOB"}
	want := map[string][]string{
		"sessions":      {"id INTEGER", "key TEXT", "put_revision INTEGER"},
		"session_vault": {"id INTEGER"},
	}
	for _, i := range sessionFields {
		want["sessions"] = append(want["sessions"], query.Fields[i].Column()+" "+types[query.Fields[i].Type])
	}
	want["sessions"] = append(want["sessions"], "version INTEGER")
	for _, i := range vaultFields {
		want["session_vault"] = append(want["session_vault"], query.Fields[i].Column()+" "+types[query.Fields[i].Type])
	}
	for table, columns := range want {
		got := scalar[string](t, s, `SELECT group_concat(name || ' ' || type, ',') FROM pragma_table_info(?)`, table)
		if d := cmp.Diff(columns, strings.Split(got, ",")); d != "" {
			t.Errorf("%s, -registry +table:\n%s", table, d)
		}
	}
	all := slices.Sorted(slices.Values(slices.Concat(sessionFields, vaultFields)))
	if len(slices.Compact(all)) != len(query.Fields) {
		t.Errorf("%d columns for %d fields", len(all), len(query.Fields))
	}
}

func TestColumnValue(t *testing.T) {
	for _, test := range []struct {
		path string
		give any
		want any // nil: refused
	}{
		{"user.name", "ann", "ann"},
		{"user.name", int64(1), nil},
		{"user.name", []string{"ann"}, nil},
		{"client.port", int64(22), int64(22)},
		{"client.port", 22, nil},
		{"active", true, true},
		{"start_time", time.Date(2024, 1, 1, 1, 0, 0, 1999, time.FixedZone("", 3600)), int64(1704067200000001)},
		{"client.ip", netip.MustParseAddr("10.0.0.1"), []byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x0a\x00\x00\x01")},
		{"analytics.tags", []string{"a", "b"}, "\x1fa\x1fb\x1f"},
		{"analytics.tags", "a", nil},
	} {
		got, err := columnValue(query.FieldAt(test.path), test.give)
		if (err != nil) != (test.want == nil) || !cmp.Equal(got, test.want) {
			t.Errorf("%s of %T: %v, %v; want %v", test.path, test.give, got, err, test.want)
		}
	}
	if got, err := columnValue(query.FieldAt("analytics.tags"), []string{}); got != nil || err != nil {
		t.Errorf("an empty list is %v, %v; want nothing", got, err)
	}
}

// What a search finds a session by follows the session through its versions.
func TestSideTablesFollow(t *testing.T) {
	s := newTest(t)
	start := time.Unix(1_700_000_000, 0)
	put := func(revision int64, start time.Time, change func(*store.Session)) {
		t.Helper()
		session := testSession("a", start)
		session.Revision = revision
		change(&session)
		if _, err := s.PutSessions(t.Context(), []store.Session{session, testSession("b", start)}); err != nil {
			t.Fatal(err)
		}
	}
	found := func(word string) int {
		t.Helper()
		return scalar[int](t, s, `
			SELECT count(*) FROM session_text f JOIN sessions s ON s.id = f.rowid WHERE f.session_text MATCH ? AND s.key = 'a'`, word)
	}
	check := func(step string, words map[string]int, vault int) {
		t.Helper()
		for word, want := range words {
			if got := found(word); got != want {
				t.Errorf("%s: %q is found %d times, want %d", step, word, got, want)
			}
		}
		if got := scalar[int](t, s, `SELECT count(*) FROM session_vault v JOIN sessions s ON s.id = v.id`); got != vault {
			t.Errorf("%s: %d rows of vault data, want %d", step, got, vault)
		}
		for _, table := range []string{"session_docs", "sessions"} {
			if got := scalar[int](t, s, `SELECT count(*) FROM `+table); got != 2 {
				t.Errorf("%s: %d rows in %s, want 2", step, got, table)
			}
		}
	}
	put(1, start, func(s *store.Session) {
		s.Content, s.Text = []byte("[]"), store.Text{Command: "sudo größe"}
		s.Values[fieldIndex("vault.account_id")] = int64(7)
	})
	check("new", map[string]int{"sudo": 1, "größe": 1, `"sudo größe"`: 1, "rm": 0}, 1)
	put(2, start.Add(time.Hour), func(s *store.Session) { s.Values[fieldIndex("vault.account_id")] = int64(8) })
	check("moved", map[string]int{"sudo": 1, "rm": 0}, 1)
	put(3, start.Add(time.Hour), func(s *store.Session) { s.Content, s.Text = []byte("[]"), store.Text{Command: "rm"} })
	check("other content", map[string]int{"sudo": 0, "rm": 1}, 0)
	put(4, start, func(s *store.Session) { s.Content = []byte("[]") })
	check("no content", map[string]int{"sudo": 0, "rm": 0}, 0)
	if got := scalar[int](t, s, `SELECT count(*) FROM session_text_docsize`); got != 0 {
		t.Errorf("%d rows of text left", got)
	}
	if got := scalar[int](t, s, `SELECT version FROM session_stats`); got != 4 {
		t.Errorf("data version %d, want 4", got)
	}
}
