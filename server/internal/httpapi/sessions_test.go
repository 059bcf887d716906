package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestPageWriterStreamsWhatDoesNotFit(t *testing.T) {
	piece := strings.Repeat("x", pageBuffer/4)
	for _, tt := range []struct {
		pieces    int
		hasLength bool
	}{{1, true}, {4, true}, {5, false}, {40, false}} {
		w := httptest.NewRecorder()
		p := &pageWriter{w: w}
		for range tt.pieces {
			if _, err := p.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
			if len(p.buffer) > pageBuffer {
				t.Fatalf("%d bytes are held", len(p.buffer))
			}
		}
		if err := p.finish(); err != nil {
			t.Fatal(err)
		}
		if got := w.Body.Len(); got != tt.pieces*len(piece) {
			t.Errorf("%d pieces: %d bytes were written", tt.pieces, got)
		}
		if _, has := w.Header()["Content-Length"]; has != tt.hasLength {
			t.Errorf("%d pieces: has a length: %v", tt.pieces, has)
		}
	}
}

type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestPageWriterReportsAClientThatWentAway(t *testing.T) {
	p := &pageWriter{w: brokenWriter{httptest.NewRecorder()}}
	if _, err := p.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := p.finish(); err == nil {
		t.Error("finish hid the failure")
	}
}

func TestSearchSuffix(t *testing.T) {
	for _, tt := range []struct{ fields, given, want string }{
		{"", "", "&fields="},
		{"*", "limit=25&offset=9&fields=*", "&fields=*"},
		{"user.name,protocol", "sort=-start_time&start=2017-01-25T10:00", "&fields=user.name,protocol&start=2017-01-25T10%3A00&sort=-start_time"},
		{"a b&c", "", "&fields=a+b%26c"},
	} {
		given, err := url.ParseQuery(tt.given)
		if err != nil {
			t.Fatal(err)
		}
		if got := searchSuffix(tt.fields, given); got != tt.want {
			t.Errorf("%q, %q: got %s, want %s", tt.fields, tt.given, got, tt.want)
		}
	}
}

func TestPagesOfSessions(t *testing.T) {
	b := newBench(t)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		b.importSession(t, key, "")
	}
	type meta struct {
		First, Last, Next, Previous, Href, Parent *string
		Fields                                    []string
		Limit, Offset                             int
		MatchCount                                int `json:"match_count"`
	}
	read := func(query string) meta {
		t.Helper()
		w := b.do("GET", "/api/audit/sessions"+query)
		var list struct{ Meta meta }
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s answered %d %s", query, w.Code, w.Body)
		}
		return list.Meta
	}
	link := func(p *string) string {
		if p == nil {
			return "null"
		}
		return *p
	}
	for _, tt := range []struct{ query, first, previous, next, last string }{
		{"", "?limit=500&offset=0&fields=", "null", "null", "?limit=500&offset=0&fields="},
		{"?limit=2", "?limit=2&offset=0&fields=", "null", "?limit=2&offset=2&fields=", "?limit=2&offset=4&fields="},
		{"?limit=2&offset=2&fields=*", "?limit=2&offset=0&fields=*", "?limit=2&offset=0&fields=*", "?limit=2&offset=4&fields=*", "?limit=2&offset=4&fields=*"},
		{"?limit=2&offset=4", "?limit=2&offset=0&fields=", "?limit=2&offset=2&fields=", "null", "?limit=2&offset=4&fields="},
		{"?limit=9999&sort=-start_time", "?limit=500&offset=0&fields=&sort=-start_time", "null", "null", "?limit=500&offset=0&fields=&sort=-start_time"},
		{"?offset=10001", "?limit=500&offset=0&fields=", "null", "null", "?limit=500&offset=0&fields="},
	} {
		m := read(tt.query)
		for name, pair := range map[string][2]string{
			"first": {link(m.First), tt.first}, "previous": {link(m.Previous), tt.previous},
			"next": {link(m.Next), tt.next}, "last": {link(m.Last), tt.last},
		} {
			if got := strings.TrimPrefix(pair[0], "/api/audit/sessions"); got != pair[1] {
				t.Errorf("%q: %s is %s, want %s", tt.query, name, got, pair[1])
			}
		}
		if m.MatchCount != 5 || m.Fields == nil {
			t.Errorf("%q: match_count %d, fields %v", tt.query, m.MatchCount, m.Fields)
		}
	}
}

func BenchmarkGetSession(b *testing.B) {
	bench := newBench(b)
	bench.importSession(b, "one", "")
	r := bench.request("GET", "/api/audit/sessions/one")
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		bench.api.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
