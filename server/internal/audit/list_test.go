package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/store"
)

func items(t *testing.T, s *Service, p Params) (*Result, string) {
	t.Helper()
	search, err := s.ParseSearch(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.List(t.Context(), search)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := result.WriteItems(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return result, b.String()
}

func TestListWithoutFields(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 3)
	result, got := items(t, s, Params{})
	want := `{"key":"s2","meta":{"href":"/api/audit/sessions/s2"}},` +
		`{"key":"s1","meta":{"href":"/api/audit/sessions/s1"}},` +
		`{"key":"s0","meta":{"href":"/api/audit/sessions/s0"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if diff := cmp.Diff(Paging{Window{500, 0}, 3}, result.Paging); diff != "" {
		t.Error(diff)
	}
}

func TestListAllFields(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 2)
	_, got := items(t, s, Params{Fields: "*"})
	var want []string
	for _, key := range []string{"s1", "s0"} {
		body, err := s.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf(`{"key":"%s","meta":{"href":"/api/audit/sessions/%s"},"body":%s}`, key, key, body))
	}
	if got != strings.Join(want, ",") {
		t.Errorf("got  %s\nwant %s", got, strings.Join(want, ","))
	}
}

func TestListProjection(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 1)
	_, got := items(t, s, Params{Fields: "user.name,server.port,channels,vault"})
	want := `{"key":"s0","meta":{"href":"/api/audit/sessions/s0"},"body":{` +
		`"channels":{"href":"/api/audit/sessions/s0/channels"},"server":{"port":22},"user":{"name":"myname"}}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestListPages(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 130)
	seen := make(map[string]bool)
	for offset := 0; ; {
		result, got := items(t, s, Params{Limit: ptr(50), Offset: &offset, Fields: "*"})
		var page []struct{ Key string }
		if err := json.Unmarshal([]byte("["+got+"]"), &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page {
			seen[item.Key] = true
		}
		next, ok := result.Next()
		if !ok {
			break
		}
		offset = next
	}
	if len(seen) != 130 {
		t.Errorf("saw %d sessions, want 130", len(seen))
	}
}

func TestListFiltersAndSorts(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 5)
	result, got := items(t, s, Params{Criteria: Criteria{Start: "2024-01-01T00:02"}, Sort: "start_time", Fields: "start_time", Limit: ptr(2)})
	want := `{"key":"s2","meta":{"href":"/api/audit/sessions/s2"},"body":{"start_time":"2024-01-01T00:02:00Z"}},` +
		`{"key":"s3","meta":{"href":"/api/audit/sessions/s3"},"body":{"start_time":"2024-01-01T00:03:00Z"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if result.Count != 3 {
		t.Errorf("count %d, want 3", result.Count)
	}
}

func TestListEmpty(t *testing.T) {
	s, _ := newService(t)
	result, got := items(t, s, Params{Fields: "*"})
	if got != "" || result.Count != 0 {
		t.Errorf("got %q, count %d", got, result.Count)
	}
}

func TestListStopsWhenTheClientIsGone(t *testing.T) {
	s, st := newService(t)
	putMany(t, st, 100)
	search, err := s.ParseSearch(t.Context(), Params{Fields: "*"})
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.List(t.Context(), search)
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	r, w := io.Pipe()
	_ = r.CloseWithError(gone)
	if err := result.WriteItems(t.Context(), w); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
}

// BenchmarkList compares a page with a walk that does nothing but copy.
func BenchmarkList(b *testing.B) {
	s, st := newService(b)
	putMany(b, st, 2*MaxLimit)
	for _, fields := range []string{"", "*", "start_time,user.name"} {
		b.Run("fields="+fields, func(b *testing.B) {
			b.ReportAllocs()
			var page bytes.Buffer
			for b.Loop() {
				page.Reset()
				search, err := s.ParseSearch(b.Context(), Params{Fields: fields})
				if err != nil {
					b.Fatal(err)
				}
				result, err := s.List(b.Context(), search)
				if err != nil {
					b.Fatal(err)
				}
				if err := result.WriteItems(b.Context(), &page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("walk", func(b *testing.B) {
		b.ReportAllocs()
		var page []byte
		for b.Loop() {
			page = page[:0]
			err := st.WalkSessions(b.Context(), store.Page{Limit: MaxLimit, Bodies: true}, func(key string, body []byte) error {
				page = append(append(page, key...), body...)
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
