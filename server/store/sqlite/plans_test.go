package sqlite

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// explain returns how SQLite goes about a query.
func explain(t *testing.T, s *Store, q string, args ...any) string {
	t.Helper()
	rows, err := s.reader.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+q, args...)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

// planSessions makes 200 sessions, a minute apart. What is called common is in
// each second one, and what is called rare in each 50th.
func planSessions() []store.Session {
	var sessions []store.Session
	set := func(s *store.Session, path string, v any) { s.Values[fieldIndex(path)] = v }
	for i := range 200 {
		start := time.Unix(1_700_000_000+int64(i)*60, 0)
		s := testSession(fmt.Sprint("s", i), start)
		set(&s, "end_time", start.Add(30*time.Second))
		name, n := "common", byte(1)
		if i%2 == 1 {
			name, n = fmt.Sprint("other", i), byte(i)
		}
		if i%50 == 7 {
			name, n = "rare", 255
		}
		for _, path := range []string{"user.name", "server.name", "recording.connection_policy", "recording.auth_method", "vault.ticket_number"} {
			set(&s, path, name)
		}
		set(&s, "protocol", strings.ToUpper(name))
		set(&s, "client.ip", netip.AddrFrom4([4]byte{10, 0, 0, n}))
		set(&s, "analytics.tags", []string{name})
		s.Content, s.Text.Command = []byte("[]"), name+" word"
		sessions = append(sessions, s)
	}
	return sessions
}

func TestSearchPlans(t *testing.T) {
	s := newTest(t)
	s.limits = limits{selective: 10, probes: 8}
	if _, err := s.PutSessions(t.Context(), planSessions()); err != nil {
		t.Fatal(err)
	}
	const (
		byUser   = "SEARCH s USING COVERING INDEX sessions_user_name (user_name=?"
		newestOn = "SCAN s"
		text     = "SCAN t VIRTUAL TABLE INDEX"
		sort     = "USE TEMP B-TREE FOR ORDER BY"
	)
	for _, test := range []struct {
		q    string
		want []string
		not  []string
	}{
		{`user.name:rare`, []string{byUser}, []string{"SCAN", sort}},
		{`user.name:common`, []string{byUser}, []string{"SCAN s", sort}},
		{`user.name:rare AND protocol:COMMON`, []string{"SEARCH s USING INDEX sessions_user_name (user_name=?"}, []string{"SCAN", sort}},
		{`user.name:rare AND screen.content:word`, []string{"sessions_user_name (user_name=?", "CORRELATED SCALAR SUBQUERY"}, []string{"SCAN s", sort}},
		{`user.name:rare AND analytics.tags:common`, []string{"sessions_user_name (user_name=?"}, []string{"SCAN", "session_lists", sort}},
		{`user.name:rare AND vault.ticket_number:common`, []string{"sessions_user_name (user_name=?", "SEARCH v USING INTEGER PRIMARY KEY"}, []string{"SCAN", sort}},
		{`user.name:common AND server.name:rare`, []string{"SEARCH s USING INDEX sessions_server_name (server_name=?"}, []string{"SCAN", sort}},
		{`client.ip:10.0.0.255 AND user.name:common`, []string{"sessions_client_ip (client_ip=?"}, []string{"SCAN", sort}},
		{`user.name:(rare OR common)`, []string{"MERGE (UNION)", byUser}, []string{"SCAN", sort}},
		{`rare`, []string{"MERGE (UNION)", byUser, "sessions_server_name", "sessions_connection_policy", text}, []string{"SCAN s", sort}},
		{`user.name:ra*`, []string{"sessions_user_name (user_name>? AND user_name<?)", sort}, []string{"SCAN"}},
		{`user.name:*ar*`, []string{byUser}, []string{"SCAN", sort}},
		{`user.name:rane~1`, []string{byUser}, []string{"SCAN", sort}},
		{`protocol:rare`, []string{"SEARCH s USING COVERING INDEX sessions_facets (protocol=?"}, []string{"SCAN"}},
		{`protocol:common`, []string{newestOn}, []string{"INDEX", sort}},
		{`NOT protocol:common`, []string{newestOn}, []string{"INDEX", sort}},
		{`analytics.tags:rare`, []string{"SEARCH l USING PRIMARY KEY (field=? AND value=?"}, []string{"SCAN l", "SCAN s", sort}},
		{`vault.ticket_number:rare`, []string{"session_vault_ticket_number (vault_ticket_number=?", "SEARCH s USING INTEGER PRIMARY KEY"}, []string{"SCAN"}},
		{`screen.content:rare`, []string{text}, []string{"SCAN s", sort}},
		{`screen.content:word`, []string{text}, []string{"SCAN s", sort}},
		{`screen.content:word AND protocol:common`, []string{text, "SEARCH s USING INTEGER PRIMARY KEY (rowid=?)"}, []string{"SCAN s", sort}},
		{`screen.content:word AND user.name:rare`, []string{"sessions_user_name (user_name=?", "CORRELATED SCALAR SUBQUERY"}, []string{"SCAN s", sort}},
		{`start_time:[now-5m TO now] AND protocol:common`, []string{"SEARCH s USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"}, []string{"SCAN", sort}},
		{`end_time:>=now-5m`, []string{"sessions_end_time (end_time>?)"}, []string{"SCAN"}},
	} {
		expr, err := query.Parse(test.q, time.Unix(1_700_000_000+200*60, 0))
		if err != nil {
			t.Fatal(err)
		}
		got := pagePlan(t, s, store.Page{Filter: store.Filter{Expr: expr}, Limit: 5, Bodies: true})
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the plan is\n%s\nwithout %q", test.q, got, want)
			}
		}
		for _, not := range test.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: the plan is\n%s\nwith %q", test.q, got, not)
			}
		}
	}
}

// pagePlan returns how the ids of a page are found.
func pagePlan(t *testing.T, s *Store, p store.Page) string {
	t.Helper()
	r, err := s.search(t.Context(), s.reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.end()
	q, err := r.page(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return explain(t, s, q.sql, q.args...)
}

func TestPlans(t *testing.T) {
	s := newTest(t)
	filter := store.Filter{StartFrom: time.Unix(1, 0), EndTo: time.Unix(2, 0)}
	byUser := []store.Order{{Field: query.FieldAt("user.name"), Descending: true}}
	for name, test := range map[string]struct{ got, want, not string }{
		"newest bodies": {explain(t, s, s.newestBodies.query, 0, 500), "SEARCH d USING INTEGER PRIMARY KEY", "B-TREE"},
		"newest keys":   {explain(t, s, s.newestKeys.query, 0, 500), "SCAN s", "B-TREE"},
		"body":          {explain(t, s, s.body.query, "a"), "USING COVERING INDEX sqlite_autoindex_sessions_1", "SCAN"},
		"filtered":      {pagePlan(t, s, store.Page{Filter: filter, Limit: 5, Bodies: true}), "SEARCH s USING INTEGER PRIMARY KEY", "B-TREE"},
		"sorted":        {pagePlan(t, s, store.Page{Sort: byUser, Limit: 5, Bodies: true}), "SCAN s USING COVERING INDEX sessions_user_name", "B-TREE"},
		"by start":      {pagePlan(t, s, store.Page{Sort: []store.Order{{Field: query.FieldAt("start_time")}}, Limit: 5, Bodies: true}), "SCAN s", "B-TREE"},
	} {
		if !strings.Contains(test.got, test.want) || strings.Contains(test.got, test.not) {
			t.Errorf("%s: the plan is %s; want %s and no %s", name, test.got, test.want, test.not)
		}
	}
}
