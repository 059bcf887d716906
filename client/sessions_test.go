package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// serveList serves a list of n items below a path, in pages, with links as the API has them.
func (f *fake) serveList(path string, n int, item func(i int) string) {
	f.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		limit, offset := 3, 0
		for name, value := range map[string]*int{"limit": &limit, "offset": &offset} {
			if text := r.URL.Query().Get(name); text != "" {
				*value, _ = strconv.Atoi(text)
			}
		}
		var items []string
		for i := offset; i < min(n, offset+limit); i++ {
			items = append(items, item(i))
		}
		next := "null"
		if offset+limit < n {
			next = fmt.Sprintf(`"%s?limit=%d&offset=%d&fields=%s"`, path, limit, offset+limit, r.URL.Query().Get("fields"))
		}
		answer(w, fmt.Sprintf(`{"items":[%s],"meta":{"limit":%d,"offset":%d,"match_count":%d,"next":%s}}`,
			strings.Join(items, ","), limit, offset, n, next))
	})
}

func sessionItem(i int) string {
	return fmt.Sprintf(`{"key":"key-%d","meta":{"href":"/x"},"body":{"revision":%d}}`, i, i)
}

func TestSessionsFollowsTheLinks(t *testing.T) {
	f := newFake(t)
	f.serveList("/api/audit/sessions", 8, sessionItem)
	seq := f.client(t).Sessions(t.Context(), client.SessionQuery{})
	for range 2 { // it can be ranged over again
		sessions, err := client.Collect(seq)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range sessions {
			if s.Key != fmt.Sprintf("key-%d", i) || s.Revision != int64(i) {
				t.Errorf("session %d is %s of revision %d", i, s.Key, s.Revision)
			}
		}
		if len(sessions) != 8 {
			t.Errorf("%d sessions", len(sessions))
		}
	}
	if got := f.last().URL.RawQuery; got != "limit=3&offset=6&fields=*" {
		t.Errorf("the last page was asked for with %s", got)
	}
}

func TestSessionsReadsNoMoreThanNeeded(t *testing.T) {
	f := newFake(t)
	f.serveList("/api/audit/sessions", 100, sessionItem)
	n := 0
	for _, err := range f.client(t).Sessions(t.Context(), client.SessionQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	if diff := cmp.Diff([]string{"GET /api/authentication", "GET /api/audit/sessions"}, f.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestSessionsEndsAtAnError(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/audit/sessions", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "" {
			fail(w, 500, "InternalError", "{}")
			return
		}
		answer(w, `{"items":[`+sessionItem(0)+`],"meta":{"next":"/api/audit/sessions?offset=1"}}`)
	})
	sessions, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{}))
	if len(sessions) != 1 || !errors.Is(err, client.ErrInternal) {
		t.Errorf("got %v, %v", sessions, err)
	}
}

// Whatever links a server gives, the client neither runs in circles nor leaves it.
func TestSessionsWithHostileLinks(t *testing.T) {
	for name, next := range map[string]string{
		"itself":         "/api/audit/sessions?x=1",
		"the beginning":  "/api/audit/sessions",
		"another server": "https://evil.example.com/api/audit/sessions",
		"without scheme": "//evil.example.com/api/audit/sessions",
		"credentials":    "http://me@HOST/api/audit/sessions",
		"outside":        "/other",
		"upwards":        "/api/../other",
		"upwards, coded": "/api/%2e%2e/other",
		"garbage":        ":",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			next := strings.ReplaceAll(next, "HOST", strings.TrimPrefix(f.URL, "http://"))
			f.HandleFunc("GET /api/audit/sessions", func(w http.ResponseWriter, _ *http.Request) {
				answer(w, fmt.Sprintf(`{"items":[%s],"meta":{"offset":0,"next":%q}}`, sessionItem(0), next))
			})
			sessions, err := client.Collect(f.client(t).Sessions(t.Context(), client.SessionQuery{}))
			if err == nil || len(sessions) > 2 {
				t.Errorf("%d sessions and %v", len(sessions), err)
			}
			for _, r := range f.requests() {
				if r != "GET /api/authentication" && r != "GET /api/audit/sessions" {
					t.Errorf("asked for %s", r)
				}
			}
		})
	}
}

// A proxy may put a path in front, with or without rewriting links.
func TestPrefix(t *testing.T) {
	for _, links := range []string{"", "/gate%20way", "HOST/gate%20way"} {
		f := newFake(t)
		// The fake serves the API below /gate way by stripping it.
		api := f.Config.Handler
		f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/gate way/api/") {
				t.Errorf("asked for %s", r.URL.Path)
			}
			http.StripPrefix("/gate way", api).ServeHTTP(w, r)
		})
		f.HandleFunc("GET /api/audit/sessions", func(w http.ResponseWriter, r *http.Request) {
			next := "null"
			if r.URL.Query().Get("offset") == "" {
				next = fmt.Sprintf(`"%s/api/audit/sessions?offset=1"`, strings.ReplaceAll(links, "HOST", f.URL))
			}
			answer(w, fmt.Sprintf(`{"items":[%s],"meta":{"next":%s}}`, sessionItem(0), next))
		})
		c := newClient(t, f.URL+"/gate%20way/", client.WithPassword(user, password))
		sessions, err := client.Collect(c.Sessions(t.Context(), client.SessionQuery{}))
		if err != nil || len(sessions) != 2 {
			t.Errorf("links %q: %d sessions and %v", links, len(sessions), err)
		}
	}
}

func TestSessionQuery(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	for _, tt := range []struct {
		name  string
		query client.SessionQuery
		want  url.Values // nil for an error
	}{
		{"zero", client.SessionQuery{}, url.Values{"fields": {"*"}}},
		{"keys", client.SessionQuery{KeysOnly: true}, url.Values{"fields": {""}}},
		{"fields", client.SessionQuery{Fields: []string{"user", "start_time"}}, url.Values{"fields": {"user,start_time"}}},
		{
			"everything",
			client.SessionQuery{
				Start: time.Date(2018, 9, 15, 12, 0, 0, 0, zone), End: time.Date(2018, 9, 15, 12, 0, 0, 123456000, time.UTC),
				Q: client.Raw(`user.name:"a+b&c=d" AND NOT protocol:SSH`), Content: client.Raw("naïve #1"), Sort: []string{"-start_time", "user.name"}, Limit: 25, Offset: 50,
			},
			url.Values{
				"fields": {"*"}, "start": {"2018-09-15T10:00:00Z"}, "end": {"2018-09-15T12:00:00.123456Z"},
				"q": {`user.name:"a+b&c=d" AND NOT protocol:SSH`}, "content": {"naïve #1"}, "sort": {"-start_time,user.name"},
				"limit": {"25"}, "offset": {"50"},
			},
		},
		{
			"nanoseconds are rounded inwards",
			client.SessionQuery{
				Start: time.Date(2018, 9, 15, 12, 0, 0, 1, time.UTC), End: time.Date(2018, 9, 15, 12, 0, 0, 1999, time.UTC),
			},
			url.Values{"fields": {"*"}, "start": {"2018-09-15T12:00:00.000001Z"}, "end": {"2018-09-15T12:00:00.000001Z"}},
		},
		{"built", client.SessionQuery{Q: client.Bool("active").Is(true), Content: client.Command.Phrase("ls")}, url.Values{
			"fields": {"*"}, "q": {"active:true"}, "content": {`command:"ls"`},
		}},
		{"mistake", client.SessionQuery{Q: client.Text("no such field").Is("x")}, nil},
		{"mistake about content", client.SessionQuery{Content: client.Text("user.name").Is("x")}, nil},
		{"snapshot and offset", client.SessionQuery{Snapshot: true, Offset: 1}, nil},
		{"keys and fields", client.SessionQuery{KeysOnly: true, Fields: []string{"user"}}, nil},
		{"negative limit", client.SessionQuery{Limit: -1}, nil},
		{"negative offset", client.SessionQuery{Offset: -1}, nil},
		{"largest offset", client.SessionQuery{Offset: 10000}, url.Values{"fields": {"*"}, "offset": {"10000"}}},
		{"offset that the server ignores", client.SessionQuery{Offset: 10001}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			f.serveList("/api/audit/sessions", 1, sessionItem)
			c := f.client(t)
			page, err := c.ListSessions(t.Context(), tt.query)
			_, iterErr := client.Collect(c.Sessions(t.Context(), tt.query))
			if (tt.want == nil) != (err != nil) || (err == nil) != (iterErr == nil) {
				t.Fatalf("got %v, %v, %v", page, err, iterErr)
			}
			if tt.want == nil {
				return
			}
			if diff := cmp.Diff(tt.want, f.last().URL.Query()); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListSessions(t *testing.T) {
	f := newFake(t)
	f.serveList("/api/audit/sessions", 8, sessionItem)
	page, err := f.client(t).ListSessions(t.Context(), client.SessionQuery{Limit: 5, Offset: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Sessions) != 5 || page.Sessions[0].Key != "key-2" || page.MatchCount != 8 || page.Limit != 5 || page.Offset != 2 || !page.More {
		t.Errorf("got %+v", page)
	}
	if page, err = f.client(t).ListSessions(t.Context(), client.SessionQuery{Limit: 5, Offset: 5}); err != nil || page.More {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestKeysAreEscaped(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/audit/sessions/{key}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, fmt.Sprintf(`{"key":%q,"body":{}}`, r.PathValue("key")))
	})
	c := f.client(t)
	for _, key := range []string{"rUhhQZ3jYsY1NDWYp9DEpq", "svc/a/b:29", "a b?c#d%2F", "..a", "ä"} {
		s, err := c.Session(t.Context(), key)
		if err != nil || s.Key != key {
			t.Errorf("%q: got %v, %v", key, s, err)
		}
	}
	f.requests()
	for _, key := range []string{"", ".", ".."} {
		if _, err := c.Session(t.Context(), key); err == nil {
			t.Errorf("Session takes the key %q", key)
		}
		if _, err := c.Channel(t.Context(), "1", key); err == nil {
			t.Errorf("Channel takes the key %q", key)
		}
		if _, err := client.Collect(c.Events(t.Context(), key)); err == nil {
			t.Errorf("Events takes the key %q", key)
		}
		if _, _, err := c.DownloadTrail(t.Context(), key, nil, client.TrailOptions{}); err == nil {
			t.Errorf("DownloadTrail takes the key %q", key)
		}
	}
	if r := f.requests(); r != nil {
		t.Errorf("asked for %v", r)
	}
}

func TestSessionNotFound(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/audit/sessions/{key}", func(w http.ResponseWriter, r *http.Request) {
		fail(w, 404, "NotFound", fmt.Sprintf(`{"path":%q}`, r.URL.Path))
	})
	s, err := f.client(t).Session(t.Context(), "gone")
	if s != nil || !errors.Is(err, client.ErrNotFound) {
		t.Errorf("got %v, %v", s, err)
	}
}
