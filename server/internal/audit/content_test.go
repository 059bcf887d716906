package audit

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

func contentDocument(tb testing.TB) *Document {
	tb.Helper()
	d := guideDocument(tb, "k", time.Time{})
	at := time.Date(2024, 5, 17, 8, 30, 0, 0, time.UTC)
	d.Content = []Content{
		{ChannelID: "0", RecordID: 40, Time: at, Kind: query.Screen, Text: "Password for \"root\": Sudo"},
		{ChannelID: "0", RecordID: 20, Time: at, Kind: query.Command, Text: "sudo su"},
		{ChannelID: "1", RecordID: 20, Time: at, Kind: query.Command, Text: "sudo su"},
		{ChannelID: "0", RecordID: 50, Time: at.Add(time.Microsecond), Kind: query.Title, Text: "Sudoku"},
	}
	d.Events = []map[string]any{
		{"action": "sudo su", "channels_id": "0", "content": "$ sudo su", "record_id": 20, "time": "2024-05-17T08:30:00.000", "type": "command"},
		{"action": "ls", "channels_id": "0", "content": "$ ls sudo", "record_id": 10, "time": "2024-05-17T08:30:00.500", "type": "command"},
		{"content": "sudo: command not found", "channels_id": "0", "record_id": 60, "time": "2024-05-17T08:31:00", "type": "screen_content"},
	}
	return d
}

func TestSearchContent(t *testing.T) {
	s, st := newService(t)
	put(t, st, contentDocument(t))
	describe := func(hits []Hit) string {
		var b strings.Builder
		for _, h := range hits {
			fmt.Fprintf(&b, "%s/%d %s %q\n", h.ChannelID, h.RecordID, h.Kind, h.Matched)
		}
		return b.String()
	}
	for _, tt := range []struct{ q, want string }{
		{"", ""},
		{"  ", ""},
		{"nothing", ""},
		{"sudo", "0/20 command [\"sudo\"]\n1/20 command [\"sudo\"]\n0/40 screen [\"Sudo\"]\n0/60 screen [\"sudo\"]\n"},
		{"command:sudo", "0/20 command [\"sudo\"]\n1/20 command [\"sudo\"]\n"},
		{"title:sudo*", "0/50 title [\"Sudoku\"]\n"},
		{`"sudo su"`, "0/20 command [\"sudo su\"]\n1/20 command [\"sudo su\"]\n"},
		{"sudo AND password", "0/40 screen [\"Password\" \"Sudo\"]\n"},
		{"ls", "0/10 command [\"ls\"]\n"},
		{"NOT sud*", "0/10 command []\n"},
	} {
		hits, err := s.SearchContent(t.Context(), "k", tt.q, Window{Limit: 500})
		if err != nil {
			t.Fatalf("%q: %v", tt.q, err)
		}
		if diff := cmp.Diff(tt.want, describe(hits.Items)); diff != "" || hits.Count != strings.Count(tt.want, "\n") {
			t.Errorf("%q: %d (-want +got)\n%s", tt.q, hits.Count, diff)
		}
	}
	hits, err := s.SearchContent(t.Context(), "k", "sudo", Window{Limit: 2, Offset: 2})
	want := Hits{Paging{Window{2, 2}, 4}, []Hit{
		{"0", 40, testNow, query.Screen, `Password for "root": Sudo`, []string{"Sudo"}},
		{"0", 60, testNow.Add(time.Minute), query.Screen, "sudo: command not found", []string{"sudo"}},
	}}
	if diff := cmp.Diff(want, hits); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if hits, err := s.SearchContent(t.Context(), "k", "sudo", Window{Limit: 2, Offset: 9}); err != nil || hits.Items != nil || hits.Count != 4 {
		t.Errorf("behind the end: %+v, %v", hits, err)
	}
}

// What a session is found by, is found in it.
func TestSearchContentAgreesWithSessions(t *testing.T) {
	s, st := newService(t)
	put(t, st, contentDocument(t))
	for _, q := range []string{"sudo", "root", "command:sudo", "screen:found", "title:sudo", "command:ls", "title:sudoku", `"su password"`, `"not found"`} {
		n, err := s.Count(t.Context(), Criteria{Content: q})
		if err != nil {
			t.Fatal(err)
		}
		hits, err := s.SearchContent(t.Context(), "k", q, Window{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if (n > 0) != (hits.Count > 0) {
			t.Errorf("%q: %d sessions, %d hits", q, n, hits.Count)
		}
	}
}

func TestSearchContentErrors(t *testing.T) {
	s, st := newService(t)
	put(t, st, guideDocument(t, "bare", time.Time{}))
	for _, q := range []string{"", "x"} {
		if _, err := s.SearchContent(t.Context(), "nobody", q, Window{Limit: 1}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v, want %v", q, err, store.ErrNotFound)
		}
		if hits, err := s.SearchContent(t.Context(), "bare", q, Window{Limit: 1}); err != nil || hits.Count != 0 {
			t.Errorf("%q: %+v, %v", q, hits, err)
		}
	}
	for _, q := range []string{"*x", "(", "user.name:joe", "..."} {
		_, err := s.SearchContent(t.Context(), "bare", q, Window{Limit: 1})
		var got *QueryError
		if !errors.As(err, &got) || got.Parameter != "q" || got.Position < 0 {
			t.Errorf("%q: %v, want a *QueryError with a position", q, err)
		}
	}
}

func TestFinderOnMalformedLists(t *testing.T) {
	wanted, err := query.ParseContent("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{``, `{}`, `[`, `[{]`, `[{"text":"x"]`, `[{"text":"\y"}]`, `["x"]`, `[{"text":"x","record_id":"y"}]`} {
		f := finder{ctx: t.Context(), wanted: wanted}
		if err := f.search([]byte(list), contentShape); !errors.Is(err, errMalformed) {
			t.Errorf("%s: got %v", list, err)
		}
	}
}

func BenchmarkSearchContent(b *testing.B) {
	s, st := newService(b)
	d := guideDocument(b, "k", time.Time{})
	for i := range 10_000 {
		text := fmt.Sprintf("user@host%d:~$ tail -n %d /var/log/messages | grep -i \"error\"", i%50, i)
		if i%100 == 0 {
			text = "sudo systemctl restart nginx"
		}
		d.Content = append(d.Content, Content{ChannelID: "0", RecordID: int64(i), Time: testNow, Kind: query.Command, Text: text})
	}
	put(b, st, d)
	for _, q := range []string{"sudo", "error", "sys* AND NOT apache", `"tail log"~5`} {
		b.Run(q, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				hits, err := s.SearchContent(b.Context(), "k", q, Window{Limit: DefaultLimit})
				if err != nil || hits.Count == 0 {
					b.Fatal(hits.Count, err)
				}
			}
		})
	}
}
