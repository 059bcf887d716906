package audit

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

var linksForBenchmark = store.Links{Trail: true, Downloads: true}

func TestComposeGuideSession(t *testing.T) {
	d := guideDocument(t, "rUhhQZ3jYsY1NDWYp9DEpq", time.Time{})
	s, err := d.Compose()
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2018, 9, 15, 10, 53, 0, 0, time.UTC); !s.Start.Equal(want) || s.Revision != 15 {
		t.Errorf("start %v, revision %d", s.Start, s.Revision)
	}
	for path, want := range map[string]any{
		"active":                         false,
		"analytics.tags":                 nil,
		"client.ip":                      netip.MustParseAddr("10.20.30.40"),
		"client.port":                    int64(59125),
		"creation_time":                  time.Date(2018, 11, 14, 12, 26, 59, 244e6, time.UTC),
		"end_time":                       time.Date(2018, 9, 15, 9, 22, 0, 0, time.UTC),
		"recording.content_reference_id": int64(30),
		"recording.target.port":          int64(221),
		"recording.verdict":              "Accepted",
		"user.server_username":           []string{"myserver"},
		"vault.account_id":               nil,
	} {
		if diff := cmp.Diff(want, valueAt(t, &s, path), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
	}
}

// The stored body is the given one and the links, in canonical form.
func TestComposedBody(t *testing.T) {
	const prefix = "/api/audit/sessions/k/"
	link := func(what string) map[string]any { return map[string]any{"href": prefix + what} }
	tests := []struct {
		name  string
		body  string
		links store.Links
		want  map[string]any // besides the four links that are always there
	}{
		{"bare", `{"start_time":"2024-01-01"}`, store.Links{}, map[string]any{"start_time": "2024-01-01"}},
		{
			"trail", `{"start_time":"2024-01-01","recording":{"archived":true}}`,
			store.Links{Trail: true},
			map[string]any{"start_time": "2024-01-01", "recording": map[string]any{
				"archived": true, "audit_trail": map[string]any{"archive": nil, "download": link("audit_trail")},
			}},
		},
		{
			"trail without recording", `{"start_time":"2024-01-01"}`,
			store.Links{Trail: true},
			map[string]any{"start_time": "2024-01-01", "recording": map[string]any{
				"audit_trail": map[string]any{"archive": nil, "download": link("audit_trail")},
			}},
		},
		{
			"archive is kept", `{"start_time":"2024-01-01","recording":{"audit_trail":{"archive":{"path":"/p"}}}}`,
			store.Links{Trail: true},
			map[string]any{"start_time": "2024-01-01", "recording": map[string]any{
				"audit_trail": map[string]any{"archive": map[string]any{"path": "/p"}, "download": link("audit_trail")},
			}},
		},
		{
			"no trail after all", `{"start_time":"2024-01-01","recording":{"audit_trail":{"archive":null,"download":{"href":"/x"}}}}`,
			store.Links{},
			map[string]any{"start_time": "2024-01-01", "recording": map[string]any{}},
		},
		{
			"downloads", `{"start_time":"2024-01-01"}`,
			store.Links{Downloads: true},
			map[string]any{"start_time": "2024-01-01", "trail_downloads": link("trail_downloads")},
		},
		{
			"given links are made anew", `{"start_time":"2024-01-01","alerts":{"href":"/wrong"},"trail_downloads":{"href":"/wrong"}}`,
			store.Links{},
			map[string]any{"start_time": "2024-01-01"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Document{Key: "k"}
			if err := decodeJSON([]byte(tt.body), &d.Body); err != nil {
				t.Fatal(err)
			}
			s, err := d.Compose()
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // stores may ask more than once
				body, err := s.Body(tt.links)
				if err != nil {
					t.Fatal(err)
				}
				for _, what := range []string{"alerts", "channels", "events", "indexing"} {
					tt.want[what] = link(what)
				}
				want, err := json.Marshal(tt.want)
				if err != nil {
					t.Fatal(err)
				}
				if string(body) != string(want) {
					t.Fatalf("got  %s\nwant %s", body, want)
				}
			}
		})
	}
}

func TestCanonicalJSON(t *testing.T) {
	const given = `{ "b": [1.0, -0, 1e400, 12345678901234567890, "é\u00e9 <a> \" \\ \n \u2028", null, true], "a": {}, "A": [] }`
	var v any
	if err := decodeJSON([]byte(given), &v); err != nil {
		t.Fatal(err)
	}
	got, err := appendJSON(nil, v)
	want := `{"A":[],"a":{},"b":[1.0,-0,1e400,12345678901234567890,"éé <a> \" \\ \n \u2028",null,true]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if _, err := appendJSON(nil, map[string]any{"a": []any{struct{}{}}}); err == nil {
		t.Error("a struct is accepted")
	}
}

func TestComposeErrors(t *testing.T) {
	tests := []struct{ key, body, want string }{
		{"", `{"start_time":"2024-01-01"}`, "key"},
		{strings.Repeat("x", 129), `{"start_time":"2024-01-01"}`, "128"},
		{"a/b", `{"start_time":"2024-01-01"}`, "letters"},
		{"é", `{"start_time":"2024-01-01"}`, "letters"},
		{"..", `{"start_time":"2024-01-01"}`, "meaning of its own"},
		{"stats", `{"start_time":"2024-01-01"}`, "meaning of its own"},
		{"k", `{}`, "body.start_time is required"},
		{"k", `{"start_time":null}`, "body.start_time is required"},
		{"k", `{"start_time":1451901988}`, "body.start_time: expected a date"},
		{"k", `{"start_time":"2024-13-01"}`, "body.start_time: "},
		{"k", `{"start_time":"2024-01-01","client":{"ip":"nowhere"}}`, `body.client.ip: expected an IP address, not "nowhere"`},
		{"k", `{"start_time":"2024-01-01","client":{"ip":4}}`, "body.client.ip: expected an IP address"},
		{"k", `{"start_time":"2024-01-01","client":{"port":"22"}}`, "body.client.port: expected a whole number"},
		{"k", `{"start_time":"2024-01-01","duration":1.5}`, "body.duration: expected a whole number"},
		{"k", `{"start_time":"2024-01-01","duration":9223372036854775808}`, "body.duration: expected a whole number"},
		{"k", `{"start_time":"2024-01-01","active":"yes"}`, "body.active: expected true or false"},
		{"k", `{"start_time":"2024-01-01","verdict":1}`, "body.verdict: expected a string"},
		{"k", `{"start_time":"2024-01-01","vault":[]}`, "body.vault: expected an object"},
		{"k", `{"start_time":"2024-01-01","vault":{"created":{"user":{"user_id":"x"}}}}`, "body.vault.created.user.user_id: expected a whole number"},
		{"k", `{"start_time":"2024-01-01","analytics":{"tags":[1]}}`, "body.analytics.tags: expected a list of strings"},
		{"k", `{"start_time":"2024-01-01","analytics":{"tags":{}}}`, "body.analytics.tags: expected a list of strings"},
	}
	for _, tt := range tests {
		d := &Document{Key: tt.key}
		if err := decodeJSON([]byte(tt.body), &d.Body); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Compose(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.20s %s: got %v, want %q", tt.key, tt.body, err, tt.want)
		}
	}
}

func TestComposeLists(t *testing.T) {
	d := guideDocument(t, "k", testNow)
	d.Body["user"] = map[string]any{"server_username": []any{"a", "b"}}
	d.Body["analytics"] = map[string]any{"tags": []string{"t"}, "interesting_events": []any{}}
	d.Body["client"] = map[string]any{"ip": "::ffff:10.0.0.1", "port": int64(7)}
	s, err := d.Compose()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"user.server_username":         []string{"a", "b"},
		"analytics.tags":               []string{"t"},
		"analytics.interesting_events": nil,
		"client.ip":                    netip.MustParseAddr("10.0.0.1"),
		"client.port":                  int64(7),
	} {
		if diff := cmp.Diff(want, valueAt(t, &s, path), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
	}
}

func TestComposeParts(t *testing.T) {
	at := time.Date(2024, 5, 17, 8, 30, 0, 1000, time.FixedZone("", 7200))
	content := []Content{{ChannelID: "0", RecordID: 46, Time: at, Kind: query.Screen, Text: "root@db-01:~# <vi> é"}}
	const contentJSON = `[{"channel_id":"0","kind":"screen","record_id":46,"text":"root@db-01:~# <vi> é","time":"2024-05-17T06:30:00.000001Z"}]`
	events := []map[string]any{
		{"type": "command", "action": "sudo SU", "content": "$ sudo SU"},
		{"type": "screen_content", "content": "Hello!"},
		{"type": "window_title", "action": "notes.txt"},
	}
	const eventsJSON = `[{"action":"sudo SU","content":"$ sudo SU","type":"command"},{"content":"Hello!","type":"screen_content"},` +
		`{"action":"notes.txt","type":"window_title"}]`
	seen, title := query.Normalize(content[0].Text), query.Normalize("notes.txt")
	tests := []struct {
		name            string
		document        Document
		events, content string // "" for nil
		text            store.Text
	}{
		{"neither", Document{}, "", "", store.Text{}},
		{
			"both",
			Document{Events: events, Content: content},
			eventsJSON, contentJSON,
			store.Text{Screen: seen + " " + query.Boundary + " hello", Command: "sudo su", Title: title},
		},
		{"content", Document{Content: content}, "[]", contentJSON, store.Text{Screen: seen}},
		{"events", Document{Events: events}, eventsJSON, "[]", store.Text{Screen: "hello", Command: "sudo su", Title: title}},
		{"empty", Document{Events: []map[string]any{}}, "[]", "[]", store.Text{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.document
			d.Key, d.Body = "k", map[string]any{"start_time": "2024-01-01"}
			s, err := d.Compose()
			if err != nil {
				t.Fatal(err)
			}
			if string(s.Events) != tt.events || string(s.Content) != tt.content || s.Text != tt.text {
				t.Errorf("events %s\ncontent %s\ntext %+v", s.Events, s.Content, s.Text)
			}
			if (s.Events == nil) != (tt.events == "") || (s.Content == nil) != (tt.content == "") {
				t.Error("nil and empty are mixed up")
			}
		})
	}
}

func TestComposeBounds(t *testing.T) {
	start := map[string]any{"start_time": "2024-01-01"}
	d := Document{Key: "k", Body: start, Alerts: make([]map[string]any, maxItems+1)}
	if _, err := d.Compose(); err == nil || !strings.Contains(err.Error(), "alerts") {
		t.Errorf("too many alerts: got %v", err)
	}
	d = Document{Key: "k", Body: start, Content: make([]Content, maxItems+1)}
	if _, err := d.Compose(); err == nil || !strings.Contains(err.Error(), "content") {
		t.Errorf("too much content: got %v", err)
	}
}

func BenchmarkCompose(b *testing.B) {
	d := guideDocument(b, "k", time.Time{})
	b.ReportAllocs()
	for b.Loop() {
		s, err := d.Compose()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Body(store.Links{Trail: true}); err != nil {
			b.Fatal(err)
		}
	}
}
