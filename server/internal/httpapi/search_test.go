package httpapi

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/tests/contract"
)

// importFound stores five sessions that have something to find.
func (b *bench) importFound(t testing.TB) {
	t.Helper()
	dir := t.TempDir()
	var lines strings.Builder
	for i, s := range []struct{ user, protocol, verdict, command string }{
		{"joe", "SSH", "ACCEPT", "sudo su -"},
		{"joe", "SSH", "DENY", "sudo reboot"},
		{"ann", "RDP", "ACCEPT", "notepad"},
		{"ann", "SSH", "ACCEPT", "ls"},
		{"=eve", "SSH", "ACCEPT", "ls -la"},
	} {
		fmt.Fprintf(&lines, `{"key":"s%d","body":{"active":false,"client":{"ip":"10.0.0.%d","name":"c","port":1},"creation_time":"2024-01-0%dT10:00:00Z",`+
			`"duration":60,"end_time":"2024-01-0%dT10:01:00Z","origin":"RECORDING","protocol":%q,"revision":1,"start_time":"2024-01-0%dT10:00:00Z",`+
			`"user":{"id":"x","name":%q},"verdict":%q},`+
			`"content":[{"channel_id":"0","record_id":46,"time":"2024-01-01T10:00:07.5","kind":"command","text":%q}]}`+"\n",
			i, i+1, i+1, i+1, s.protocol, i+1, s.user, s.verdict, s.command)
	}
	write(t, filepath.Join(dir, "sessions.ndjson"), lines.String())
	importer := audit.Importer{Sessions: b.store, Trails: b.trails, Now: time.Now}
	if _, err := importer.Import(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
}

// get sends a request and has the answer validated.
func (b *bench) get(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	r := b.request("GET", path, headers...)
	r = r.WithContext(contract.Deliberate(r.Context())) // requests that are wrong are what is tested
	contract.Handler(t, b.api).ServeHTTP(w, r)
	return w
}

func query(path string, parameters ...string) string {
	values := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	return path + "?" + values.Encode()
}

const (
	statsPath     = sessionsPath + "/stats"
	histogramPath = sessionsPath + "/histogram"
	countPath     = sessionsPath + "/_count"
	snapshotPath  = sessionsPath + "/_snapshot"
	contentPath   = sessionsPath + "/s0/content"
)

func wantBody(t *testing.T, w *httptest.ResponseRecorder, want string) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	if meta, ok := got["meta"].(map[string]any); ok {
		delete(meta, "remaining_seconds")
	}
	if text := string(encode(got)); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func keys(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var list struct{ Items []struct{ Key string } }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	var all []string
	for _, item := range list.Items {
		all = append(all, item.Key)
	}
	return strings.Join(all, " ")
}

func TestSearch(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	for _, tt := range []struct{ q, content, want string }{
		{"", "", "s4 s3 s2 s1 s0"},
		{"protocol:ssh AND NOT user.name:ann", "", "s4 s1 s0"},
		{"user.name:joe", "sudo", "s1 s0"},
		{`screen.content:"sudo su" -verdict:DENY`, "", "s0"},
		{"client.ip:[10.0.0.2 TO 10.0.0.4}", "", "s2 s1"},
		{"start_time:>=2024-01-04", "", "s4 s3"},
	} {
		if got := keys(t, b.get(t, query(sessionsPath, "q", tt.q, "content", tt.content))); got != tt.want {
			t.Errorf("q=%s content=%s: got %s, want %s", tt.q, tt.content, got, tt.want)
		}
		wantBody(t, b.get(t, query(countPath, "q", tt.q, "content", tt.content, "fields", "nothing", "sort", "-nothing", "limit", "1")),
			fmt.Sprintf(`{"count":%d}`, len(strings.Fields(tt.want))))
	}
}

func TestCountsOverHTTP(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	wantBody(t, b.get(t, query(statsPath, "field", "protocol", "size", "1", "sub_fields", "user.name")),
		`{"items":[{"count":4,"sub_items":[{"count":2,"value":"joe"}],"value":"SSH"}],`+
			`"meta":{"field":"protocol","href":"/api/audit/sessions/stats","match_count":5,"missing_count":0,"other_count":1,"parent":"/api/audit/sessions","size":1,"sub_fields":"user.name"}}`)
	wantBody(t, b.get(t, query(statsPath, "field", "vault.system_id")),
		`{"items":[],"meta":{"field":"vault.system_id","href":"/api/audit/sessions/stats","match_count":5,"missing_count":5,"other_count":0,"parent":"/api/audit/sessions","size":10,"sub_fields":null}}`)
	wantBody(t, b.get(t, query(statsPath, "field", "verdict", "sub_fields", "vault.system_id", "q", "verdict:DENY")),
		`{"items":[{"count":1,"sub_items":[],"value":"DENY"}],"meta":{"field":"verdict","href":"/api/audit/sessions/stats","match_count":1,"missing_count":0,"other_count":0,"parent":"/api/audit/sessions","size":10,"sub_fields":"vault.system_id"}}`)
	wantBody(t, b.get(t, query(histogramPath, "bin-size", "day", "q", "user.name:joe", "start", "2023-12-31T05:00")),
		`{"items":[{"count":0,"end":"2024-01-01T00:00:00Z","start":"2023-12-31T00:00:00Z"},{"count":1,"end":"2024-01-02T00:00:00Z","start":"2024-01-01T00:00:00Z"},{"count":1,"end":"2024-01-03T00:00:00Z","start":"2024-01-02T00:00:00Z"}],`+
			`"meta":{"bin-size":"day","end":null,"field":"start_time","href":"/api/audit/sessions/histogram","match_count":2,"parent":"/api/audit/sessions","start":"2023-12-31T05:00:00Z","time_zone":"UTC"}}`)
	wantBody(t, b.get(t, query(histogramPath, "q", "user.name:nobody")),
		`{"items":[],"meta":{"bin-size":"day","end":null,"field":"start_time","href":"/api/audit/sessions/histogram","match_count":0,"parent":"/api/audit/sessions","start":null,"time_zone":"UTC"}}`)
}

func TestContentOverHTTP(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	want := `{"items":[{"channel_id":"0","content":"sudo su -","matched":["sudo su"],"record_id":46,"time":"2024-01-01T10:00:07.5Z","type":"command"}],` +
		`"meta":{"first":"/api/audit/sessions/s0/content?limit=500&offset=0&q=command%3A%22sudo+su%22","href":"/api/audit/sessions/s0/content",` +
		`"last":"/api/audit/sessions/s0/content?limit=500&offset=0&q=command%3A%22sudo+su%22","limit":500,"match_count":1,"next":null,"offset":0,"parent":"/api/audit/sessions/s0","previous":null}}`
	for _, path := range []string{contentPath, contentPath + "/"} {
		wantBody(t, b.get(t, query(path, "q", `command:"sudo su"`)), want)
	}
	for _, path := range []string{contentPath, contentPath + "/?q=", contentPath + "?q=nothing"} {
		var none struct {
			Items []any
			Meta  struct {
				MatchCount *int `json:"match_count"`
			}
		}
		w := b.get(t, path)
		if err := json.Unmarshal(w.Body.Bytes(), &none); err != nil || none.Items == nil || len(none.Items) > 0 || *none.Meta.MatchCount != 0 {
			t.Errorf("%s answered %d %s", path, w.Code, w.Body)
		}
	}
}

func TestCSV(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	w := b.get(t, query(sessionsPath, "format", "csv", "fields", "user.name,start_time", "limit", "2", "sort", "-start_time", "q", "protocol:SSH"))
	want := "key,user.name,start_time\r\ns4,'=eve,2024-01-05T10:00:00Z\r\ns3,ann,2024-01-04T10:00:00Z\r\n"
	if w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("answered %d %q, want %q", w.Code, w.Body, want)
	}
	if ct := w.Header().Get("Content-Type"); ct != "text/csv; charset=utf-8" {
		t.Errorf("Content-Type is %q", ct)
	}
	const link = `</api/audit/sessions?limit=2&offset=2&fields=user.name,start_time&q=protocol%3ASSH&sort=-start_time&format=csv>; rel="next"`
	if got := w.Header().Get("Link"); got != link {
		t.Errorf("Link is %s\nwant    %s", got, link)
	}
	next, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	w = b.get(t, next)
	if got := w.Body.String(); got != "key,user.name,start_time\r\ns1,joe,2024-01-02T10:00:00Z\r\ns0,joe,2024-01-01T10:00:00Z\r\n" {
		t.Errorf("the next page is %q", got)
	}
	if got, has := w.Header()["Link"]; has {
		t.Errorf("the last page leads to %s", got)
	}
	w = b.get(t, query(sessionsPath, "format", "csv", "fields", "*"))
	if records, err := csv.NewReader(w.Body).ReadAll(); err != nil || len(records) != 6 || len(records[0]) < 100 {
		t.Errorf("read %v, %v", records, err)
	}
	if got := b.get(t, query(sessionsPath, "format", "csv", "q", "user.name:nobody")).Body.String(); got != "key\r\n" {
		t.Errorf("no matches are %q", got)
	}
}

func (b *bench) openSnapshot(t *testing.T, headers ...string) string {
	t.Helper()
	w := b.get(t, snapshotPath, headers...)
	var opened struct {
		Body struct{ Snapshot string }
		Meta struct{ Href, Parent string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &opened); err != nil || w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	if opened.Meta.Href != snapshotPath || opened.Meta.Parent != sessionsPath {
		t.Errorf("meta is %+v", opened.Meta)
	}
	return opened.Body.Snapshot
}

func TestSnapshotOverHTTP(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	id := b.openSnapshot(t)
	if again := b.openSnapshot(t); again != id {
		t.Errorf("asking again gave %s, not %s", again, id)
	}
	b.importSession(t, "later", "")
	w := b.get(t, query(sessionsPath, "snapshot", id, "limit", "2", "sort", "start_time", "offset", "3", "q", "protocol:SSH"))
	suffix := "&fields=&q=protocol%3ASSH&sort=start_time&snapshot=" + id
	wantBody(t, w, `{"items":[{"key":"s0","meta":{"href":"/api/audit/sessions/s0"}},{"key":"s1","meta":{"href":"/api/audit/sessions/s1"}}],`+
		`"meta":{"fields":[],"first":null,"href":"/api/audit/sessions","last":null,"limit":2,"next":"/api/audit/sessions?limit=2`+suffix+`&search_after=s1",`+
		`"parent":"/api/audit","previous":null,"search_after":null}}`)
	wantBody(t, b.get(t, "/api/audit/sessions?limit=2"+suffix+"&search_after=s1"),
		`{"items":[{"key":"s3","meta":{"href":"/api/audit/sessions/s3"}},{"key":"s4","meta":{"href":"/api/audit/sessions/s4"}}],`+
			`"meta":{"fields":[],"first":null,"href":"/api/audit/sessions","last":null,"limit":2,"next":null,"parent":"/api/audit","previous":null,"search_after":"s1"}}`)
}

func TestSearchErrors(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	id := b.openSnapshot(t)
	deep := strings.Repeat("(", 40) + "x" + strings.Repeat(")", 40)
	long := "protocol:" + strings.Repeat("x", 8192)
	clauses := strings.Repeat("active:true ", 513)
	for _, tt := range []struct {
		name, path string
		want       errorType
		parameter  string
		position   int // -1 for none
		expected   string
	}{
		{"bad syntax", query(sessionsPath, "q", "protocol:SSH AND"), invalidQuery, "q", 16, ""},
		{"unknown field", query(sessionsPath, "q", "protocol:SSH AND user.nam:joe"), invalidQuery, "q", 17, `did you mean "user.name"`},
		{"ill-typed number", query(sessionsPath, "q", "client.port:many"), invalidQuery, "q", 12, "a whole number"},
		{"ill-typed date", query(sessionsPath, "q", "start_time:[2024-13-01 TO *]"), invalidQuery, "q", 17, "month"},
		{"ill-typed address", query(sessionsPath, "q", "client.ip:10.0.*"), invalidQuery, "q", 10, "address"},
		{"ill-typed truth", query(sessionsPath, "q", "active:yes"), invalidQuery, "q", 7, "true"},
		{"unbalanced", query(sessionsPath, "q", "(protocol:SSH"), invalidQuery, "q", 13, ""},
		{"unbalanced the other way", query(sessionsPath, "q", "protocol:SSH)"), invalidQuery, "q", 12, ""},
		{"open quotes", query(sessionsPath, "q", `user.name:"joe`), invalidQuery, "q", 14, ""},
		{"regular expression", query(sessionsPath, "q", "user.name:/joe/"), invalidQuery, "q", 10, ""},
		{"too long", query(sessionsPath, "q", long), invalidQuery, "q", 8192, "8192"},
		{"too deep", query(sessionsPath, "q", deep), invalidQuery, "q", 32, "32"},
		{"too many clauses", query(sessionsPath, "q", clauses), invalidQuery, "q", 12*512 + 7, "512"},
		{"too many guesses", query(sessionsPath, "content", strings.Repeat("s?do ", 17)), invalidQuery, "content", 80, "16"},
		{"leading wildcard in content", query(sessionsPath, "content", "*sudo"), invalidQuery, "content", 0, "wildcard"},
		{"leading wildcard in screen.content", query(sessionsPath, "q", "screen.content:*do"), invalidQuery, "q", 15, "wildcard"},
		{"field in content", query(sessionsPath, "content", "user.name:joe"), invalidQuery, "content", 0, "command:"},
		{"bad syntax in a count", query(countPath, "q", "AND"), invalidQuery, "q", 0, ""},
		{"bad date in a count", query(countPath, "end", "x"), invalidQuery, "end", 0, ""},

		{"no field", statsPath, invalidQuery, "field", -1, ""},
		{"empty field", statsPath + "?field=", invalidQuery, "field", 0, ""},
		{"unknown statistics field", query(statsPath, "field", "user"), invalidQuery, "field", 0, "search field"},
		{"unknown second field", query(statsPath, "field", "protocol", "sub_fields", "user"), invalidQuery, "sub_fields", 0, "search field"},
		{"statistics of none", query(statsPath, "field", "protocol", "size", "0"), invalidQuery, "size", -1, ""},
		{"bad syntax in statistics", query(statsPath, "field", "protocol", "q", "a:b"), invalidQuery, "q", 0, ""},
		{"bad bin size", query(histogramPath, "bin-size", "decade"), invalidQuery, "bin-size", -1, ""},
		{"too many bins", query(histogramPath, "bin-size", "minute", "start", "2020-01-01", "end", "2024-01-01"), invalidQuery, "bin-size", -1, "10000 bins"},
		{"histogram of text", query(histogramPath, "field", "protocol"), invalidQuery, "field", 0, "date"},
		{"bad syntax in a histogram", query(histogramPath, "content", "~"), invalidQuery, "content", 0, ""},

		{"unknown format", query(sessionsPath, "format", "xml"), invalidQuery, "format", -1, ""},
		{"CSV in a snapshot", query(sessionsPath, "format", "csv", "snapshot", id), invalidQuery, "format", -1, "json"},
		{"search_after alone", query(sessionsPath, "search_after", "s0"), invalidQuery, "search_after", -1, "snapshot"},
		{"unknown search_after", query(sessionsPath, "snapshot", id, "search_after", "nobody"), invalidQuery, "search_after", -1, "key"},
		{"unknown snapshot", query(sessionsPath, "snapshot", strings.Repeat("0", 40)), notFound, "snapshot", -1, "not expired"},

		{"leading wildcard in a session", query(contentPath, "q", "?udo"), invalidQuery, "q", 0, "wildcard"},
		{"empty page in a session", query(contentPath, "q", "x", "limit", "0"), invalidQuery, "limit", -1, ""},
		{"content of no session", sessionsPath + "/nobody/content?q=x", notFound, "", -1, ""},
		{"content of no session, no expression", sessionsPath + "/nobody/content/", notFound, "", -1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := b.get(t, tt.path)
			wantProblem(t, w, tt.want)
			var got struct {
				Error struct {
					Details struct {
						Parameter, Value, Expected string
						Position                   *int
					}
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			details := got.Error.Details
			position := -1
			if details.Position != nil {
				position = *details.Position
			}
			if details.Parameter != tt.parameter || position != tt.position || !strings.Contains(details.Expected, tt.expected) {
				t.Errorf("details are %+v at %d, want %s at %d, expecting %q", details, position, tt.parameter, tt.position, tt.expected)
			}
			if tt.want == invalidQuery && details.Expected == "" {
				t.Error("nothing was expected")
			}
		})
	}
}

func TestSnapshotErrors(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	id := b.openSnapshot(t, "User-Agent", "one")
	foreign := b.request("GET", query(sessionsPath, "snapshot", id), "User-Agent", "one")
	foreign.RemoteAddr = "198.51.100.7:4711"
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, foreign)
	wantProblem(t, w, notFound)
	wantProblem(t, b.get(t, query(sessionsPath, "snapshot", id), "User-Agent", "another"), notFound)
	if got := keys(t, b.get(t, query(sessionsPath, "snapshot", id, "limit", "1"), "User-Agent", "one")); got != "s4" {
		t.Errorf("the owner got %q", got)
	}

	for _, agent := range []string{"two", "three", "four", "five"} {
		b.openSnapshot(t, "User-Agent", agent)
	}
	w = b.get(t, snapshotPath, "User-Agent", "six")
	wantProblem(t, w, tooManyRequests)
	if seconds := w.Header().Get("Retry-After"); seconds != "300" && seconds != "299" && seconds != "298" {
		t.Errorf("Retry-After is %q", seconds)
	}
	b.openSnapshot(t, "User-Agent", "five")
}

func TestSnapshotsExpire(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	b.api.audit = audit.New(b.store, func() time.Time { return now })
	id := b.openSnapshot(t)
	path := query(sessionsPath, "snapshot", id)
	for range 2 {
		now = now.Add(audit.SnapshotLifetime - time.Second)
		if w := b.get(t, path); w.Code != http.StatusOK {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
	}
	now = now.Add(audit.SnapshotLifetime)
	wantProblem(t, b.get(t, path), notFound)
}

// The largest expressions that the language has are answered.
func TestLargestSearches(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	repeat := func(clause, operator string, n int) string {
		return strings.TrimSuffix(strings.Repeat(clause+operator, n), operator)
	}
	for name, q := range map[string]string{
		"terms":     repeat("sudo", " OR ", 128),
		"all terms": repeat("sudo", " ", 128),
		"addresses": repeat("10.0.0.1", " ", 85),
		"prefixes":  repeat("su*", " OR ", 128),
		"guesses":   repeat("s?do", " OR ", 16),
		"objects":   repeat("_exists_:vault", " ", 8),
		"nested":    "screen.content:" + strings.Repeat("(a AND NOT ", 32) + "b" + strings.Repeat(")", 32),
		"groups":    strings.Repeat("(", 32) + "a" + strings.Repeat(")", 32),
	} {
		for _, path := range []string{sessionsPath, countPath, statsPath + "?field=protocol"} {
			separator := "?"
			if strings.Contains(path, "?") {
				separator = "&"
			}
			if w := b.get(t, path+separator+url.Values{"q": {q}}.Encode()); w.Code != http.StatusOK {
				t.Errorf("%s: %s answered %d %.300s", name, path, w.Code, w.Body)
			}
		}
	}
}

func TestSlowSearches(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	b.api.audit.TimeLimit = time.Nanosecond
	for _, path := range []string{sessionsPath, sessionsPath + "?format=csv", statsPath + "?field=protocol", histogramPath, countPath, contentPath + "?q=x"} {
		w := b.get(t, path)
		wantProblem(t, w, serviceUnavailable)
		if got := w.Header().Get("Retry-After"); got != "" {
			t.Errorf("%s: Retry-After is %q for what takes as long the next time", path, got)
		}
	}
	if !strings.Contains(b.log.String(), "took too long") {
		t.Error("the log says nothing of it")
	}
}

// Searching takes the right to search, in all its forms.
func TestSearchNeedsTheRight(t *testing.T) {
	for _, path := range []string{sessionsPath, statsPath, histogramPath, countPath, snapshotPath, sessionsPath + "/{key}/content"} {
		right := rightFor(http.MethodGet, path)
		if right == nil || right(rights(false)) || !right(rights(true)) {
			t.Errorf("%s does not ask for the right to search", path)
		}
	}
}

// A strict server knows the parameters of the contract and no others.
func TestStrictSearch(t *testing.T) {
	b := newBench(t)
	b.importFound(t)
	b.api.strict = true
	if w := b.get(t, query(statsPath, "field", "protocol", "size", "3", "sub_fields", "verdict", "q", "", "content", "", "start", "", "end", "")); w.Code != http.StatusOK {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	for _, path := range []string{query(statsPath, "field", "protocol", "bin-size", "day"), query(histogramPath, "size", "1"), query(snapshotPath, "q", "x"), query(contentPath, "fields", "*")} {
		wantProblem(t, b.get(t, path), invalidQuery)
	}
}

func TestSearchPathsTakeOnlyGET(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{statsPath, histogramPath, countPath, snapshotPath, contentPath} {
		w := b.do("POST", path)
		wantProblem(t, w, methodNotAllowed)
		if !slices.Equal(w.Header()["Allow"], []string{"GET"}) {
			t.Errorf("%s: Allow is %v", path, w.Header()["Allow"])
		}
	}
}
