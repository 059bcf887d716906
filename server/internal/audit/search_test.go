package audit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

func TestParseSearch(t *testing.T) {
	order := func(path string, descending bool) store.Order {
		return store.Order{Field: query.FieldAt(path), Descending: descending}
	}
	tests := []struct {
		name string
		in   Params
		want Search
	}{
		{"nothing", Params{}, Search{Window: Window{500, 0}}},
		{"window", Params{Limit: ptr(25), Offset: ptr(50)}, Search{Window: Window{25, 50}}},
		{"limit is clamped", Params{Limit: ptr(10_000)}, Search{Window: Window{500, 0}}},
		{"last offset", Params{Offset: ptr(10_000)}, Search{Window: Window{500, 10_000}}},
		{"offset beyond the window is ignored", Params{Offset: ptr(10_001)}, Search{Window: Window{500, 0}}},
		{
			"dates",
			Params{Criteria: Criteria{Start: "2022-12-12T00:00:00.0000000+00:00", End: "2022-12-12T12:12:12.1234567+10:00"}},
			Search{Window: Window{500, 0}, Selection: Selection{Filter: store.Filter{
				StartFrom: time.Date(2022, 12, 12, 0, 0, 0, 0, time.UTC),
				EndTo:     time.Date(2022, 12, 12, 2, 12, 12, 123456700, time.UTC),
			}}},
		},
		{
			"sort",
			Params{Sort: "-start_time, user.name"},
			Search{Window: Window{500, 0}, Sort: []store.Order{order("start_time", true), order("user.name", false)}},
		},
		{"json", Params{Format: "json"}, Search{Window: Window{500, 0}}},
		{
			"q and content",
			Params{Criteria: Criteria{Q: "start_time:now/d AND protocol:SSH", Content: "sudo*"}},
			Search{Window: Window{500, 0}, Selection: Selection{Filter: store.Filter{Expr: query.And{
				query.Range{
					Field: query.FieldAt("start_time"),
					From:  &query.Bound{Value: testNow.Truncate(24 * time.Hour), Inclusive: true},
					To:    &query.Bound{Value: testNow.Truncate(24*time.Hour).AddDate(0, 0, 1)},
				},
				query.Equal{Field: query.FieldAt("protocol"), Value: "SSH"},
				query.Words{Words: []string{"sudo"}, Prefix: true},
			}}}},
		},
		{"q selects all", Params{Criteria: Criteria{Q: "*:*", Content: " "}}, Search{Window: Window{500, 0}}},
	}
	s := New(nil, func() time.Time { return testNow })
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.ParseSearch(t.Context(), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(Projection{}), cmpopts.IgnoreUnexported(Search{}, Selection{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseSearchErrors(t *testing.T) {
	tests := []struct {
		in       Params
		want     QueryError
		expected string // contained in Expected
	}{
		{Params{Criteria: Criteria{Q: "protocol:SSH AND nonsense:1"}}, QueryError{"q", "protocol:SSH AND nonsense:1", "", 17}, "search field"},
		{Params{Criteria: Criteria{Content: "ls AND *"}}, QueryError{"content", "ls AND *", "", 7}, "wildcard"},
		{Params{SearchAfter: "x"}, QueryError{"search_after", "x", "", -1}, "a snapshot"},
		{Params{Format: "xml"}, QueryError{"format", "xml", "", -1}, `"json" or "csv"`},
		{Params{Format: "csv", Snapshot: "x"}, QueryError{"format", "csv", "", -1}, `"json"`},
		{Params{Limit: ptr(0)}, QueryError{"limit", "0", "", -1}, "from 1 to 500"},
		{Params{Limit: ptr(-5)}, QueryError{"limit", "-5", "", -1}, "from 1 to 500"},
		{Params{Offset: ptr(-1)}, QueryError{"offset", "-1", "", -1}, "not negative"},
		{Params{Criteria: Criteria{Start: "yesterday"}}, QueryError{"start", "yesterday", "", 0}, "year"},
		{Params{Criteria: Criteria{End: "2022-13-01"}}, QueryError{"end", "2022-13-01", "", 5}, "month"},
		{Params{Sort: "start_time,nonsense"}, QueryError{"sort", "start_time,nonsense", "", 11}, "a field"},
		{Params{Sort: "--start_time"}, QueryError{"sort", "--start_time", "", 0}, "a field"},
		{Params{Sort: "start_time,"}, QueryError{"sort", "start_time,", "", 11}, "a field"},
		{Params{Sort: "user"}, QueryError{"sort", "user", "", 0}, "a field"},
		{Params{Sort: "analytics.tags"}, QueryError{"sort", "analytics.tags", "", 0}, "one value"},
		{Params{Sort: strings.Repeat("duration,", 8) + "duration"}, QueryError{"sort", strings.Repeat("duration,", 8) + "duration", "", 72}, "at most 8"},
		{Params{Fields: "user.name,nonsense"}, QueryError{"fields", "user.name,nonsense", "", 10}, "the path"},
	}
	s := New(nil, func() time.Time { return testNow })
	for _, tt := range tests {
		_, err := s.ParseSearch(t.Context(), tt.in)
		var got *QueryError
		if !errors.As(err, &got) {
			t.Errorf("%+v: got %v, want a *QueryError", tt.in, err)
			continue
		}
		if !strings.Contains(got.Expected, tt.expected) {
			t.Errorf("%+v: expected %q, want something with %q", tt.in, got.Expected, tt.expected)
		}
		if !strings.Contains(got.Error(), got.Parameter) || !strings.Contains(got.Error(), got.Expected) {
			t.Errorf("message %q does not tell what is wrong", got)
		}
		tt.want.Expected = got.Expected
		if *got != tt.want {
			t.Errorf("got %+v, want %+v", *got, tt.want)
		}
	}
}
