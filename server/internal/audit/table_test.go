package audit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

func table(tb testing.TB, s *Service, fields string) string {
	tb.Helper()
	search, err := s.ParseSearch(tb.Context(), Params{Format: "csv", Fields: fields})
	if err != nil {
		tb.Fatal(err)
	}
	result, err := s.List(tb.Context(), search)
	if err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := result.WriteTable(tb.Context(), &b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestTableColumns(t *testing.T) {
	var all, recording []string
	for i := range query.Fields {
		all = append(all, query.Fields[i].Path)
		if strings.HasPrefix(query.Fields[i].Path, "recording.") {
			recording = append(recording, query.Fields[i].Path)
		}
	}
	for _, tt := range []struct {
		fields string
		want   []string
	}{
		{"", nil},
		{"*", all},
		{"user.name,protocol", []string{"user.name", "protocol"}},
		{"user.name,user.name", []string{"user.name"}},
		{"recording", recording},
		{"recording.server_local", []string{"recording.server_local.ip", "recording.server_local.name", "recording.server_local.port"}},
		{"server.port,server", []string{"server.port", "server.address", "server.id", "server.ip", "server.name"}},
		{"verdict,channels,channels.href,analytics.scripted_results", []string{"verdict", "channels.href", "analytics.scripted_results"}},
	} {
		fields, err := ParseFields(tt.fields)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range newTable(fields.Names()).columns {
			got = append(got, c.path)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", tt.fields, diff)
		}
	}
}

func TestTableValues(t *testing.T) {
	s, st := newService(t)
	d := guideDocument(t, "s0", time.Time{})
	d.Body["user"] = map[string]any{"name": `=cmd|"calc"!A0`, "server_username": []any{"root", "yoda \\ \"x\""}}
	d.Body["client"] = map[string]any{"ip": "::ffff:10.20.30.40", "port": int64(-1)}
	d.Body["analytics"] = map[string]any{"scripted": false, "scripted_results": map[string]any{"a": []any{1}}, "tags": []any{}}
	put(t, st, d)
	got := table(t, s, "start_time,creation_time,client,active,user,analytics,analytics.scripted_results,alerts.href,vault.system_id")
	records, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || !strings.HasSuffix(got, "\r\n") || strings.Count(got, "\n") != 2 {
		t.Fatalf("two lines with CR LF were wanted, not %q", got)
	}
	cells := make(map[string]string)
	for i, name := range records[0] {
		cells[name] = records[1][i]
	}
	for name, want := range map[string]string{
		"key": "s0", "start_time": "2018-09-15T10:53:00Z", "creation_time": "2018-11-14T12:26:59.244Z",
		"client.ip": "10.20.30.40", "client.port": "-1", "client.name": "", "active": "false",
		"user.name": `'=cmd|"calc"!A0`, "user.server_username": `root; yoda \ "x"`, "user.id": "",
		"analytics.tags": "", "analytics.scripted": "false", "analytics.scripted_results": `{"a":[1]}`,
		"alerts.href": "/api/audit/sessions/s0/alerts", "vault.system_id": "",
	} {
		if got, ok := cells[name]; !ok || got != want {
			t.Errorf("%s is %q (there: %v), want %q", name, got, ok, want)
		}
	}
}

// The same window as in JSON, and the same sessions in it.
func TestTablePage(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 7)
	search, err := s.ParseSearch(t.Context(), Params{Format: "csv", Limit: ptr(3), Offset: ptr(2), Sort: "start_time"})
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.List(t.Context(), search)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := result.WriteTable(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "key\r\ns2\r\ns3\r\ns4\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if next, ok := result.Next(); !ok || next != 5 {
		t.Errorf("the next page begins at %d (%v)", next, ok)
	}
}

func TestTableOfMalformedBodies(t *testing.T) {
	for _, body := range []string{``, `[]`, `{`, `{"a"`, `{"user":{"name":"x"}`, `{"user":{"name":`, `{"user":{"server_username":["x"}}`, `{"user":{"name":"\x"}}`, `{"user":{"server_username":[1]}}`} {
		w := tableWriter{w: &bytes.Buffer{}, table: newTable([]string{"user"})}
		if err := w.header(); err != nil {
			t.Fatal(err)
		}
		if err := w.write("k", []byte(body)); !errors.Is(err, errMalformed) {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// Every column of a session says what the store was told.
func TestTableAgreesWithValues(t *testing.T) {
	d := guideDocument(t, "k", time.Time{})
	session, err := d.Compose()
	if err != nil {
		t.Fatal(err)
	}
	body, err := session.Body(store.Links{})
	if err != nil {
		t.Fatal(err)
	}
	table := newTable([]string{"*"})
	cells := make([][]byte, len(table.columns))
	if table.root.collect(cells, body, 0) < 0 {
		t.Fatal("the body is malformed")
	}
	for i, v := range session.Values {
		want := formatValue(v)
		if list, ok := v.([]string); ok {
			want = strings.Join(list, "; ")
		}
		got := ""
		if cells[i] != nil {
			if got, err = table.columns[i].text(cells[i]); err != nil {
				t.Fatal(err)
			}
		}
		if got != want {
			t.Errorf("%s: cell %q, value %q", table.columns[i].path, got, want)
		}
	}
	if !slices.ContainsFunc(cells, func(c []byte) bool { return c != nil }) {
		t.Error("all cells are empty")
	}
}

func BenchmarkTable(b *testing.B) {
	s, st := newService(b)
	putMany(b, st, MaxLimit)
	for _, fields := range []string{"", "*", "start_time,user.name"} {
		b.Run("fields="+fields, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if page := table(b, s, fields); strings.Count(page, "\n") != MaxLimit+1 {
					b.Fatal(page)
				}
			}
		})
	}
}
