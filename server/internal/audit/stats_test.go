package audit

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// putColours stores five sessions whose protocols and tags differ.
func putColours(tb testing.TB) *Service {
	tb.Helper()
	s, st := newService(tb)
	for i, c := range []struct {
		protocol, user string
		tags           []any
	}{
		{"SSH", "joe", []any{"red", "blue"}},
		{"SSH", "ann", []any{"red"}},
		{"SSH", "joe", []any{"green", "blue", "red"}},
		{"RDP", "joe", nil},
		{"", "eve", nil},
	} {
		d := guideDocument(tb, "s"+strconv.Itoa(i), time.Time{})
		d.Body["user"] = map[string]any{"name": c.user}
		d.Body["analytics"] = map[string]any{"tags": c.tags}
		d.Body["protocol"] = c.protocol
		if c.protocol == "" {
			delete(d.Body, "protocol")
		}
		put(tb, st, d)
	}
	return s
}

func TestStatistics(t *testing.T) {
	s := putColours(t)
	for _, tt := range []struct {
		name string
		in   StatisticsParams
		want Statistics
	}{
		{"protocol", StatisticsParams{Field: "protocol"}, Statistics{
			Size: 10, Total: 5, Missing: 1, Values: []ValueCount{{Value: "SSH", Count: 3}, {Value: "RDP", Count: 1}},
		}},
		{"one of them", StatisticsParams{Field: "protocol", Size: ptr(1)}, Statistics{
			Size: 1, Total: 5, Missing: 1, Other: 1, Values: []ValueCount{{Value: "SSH", Count: 3}},
		}},
		{"list", StatisticsParams{Field: "analytics.tags", Size: ptr(1)}, Statistics{
			Size: 1, Total: 5, Missing: 2, Other: 3, Values: []ValueCount{{Value: "red", Count: 3}},
		}},
		{"list, complete", StatisticsParams{Field: "analytics.tags"}, Statistics{
			Size: 10, Total: 5, Missing: 2, Values: []ValueCount{{Value: "red", Count: 3}, {Value: "blue", Count: 2}, {Value: "green", Count: 1}},
		}},
		{"second field, a third one ignored", StatisticsParams{Field: "protocol", SubFields: "user.name, nonsense"}, Statistics{
			Size: 10, Total: 5, Missing: 1, Values: []ValueCount{
				{Value: "SSH", Count: 3, Sub: []ValueCount{{Value: "joe", Count: 2}, {Value: "ann", Count: 1}}},
				{Value: "RDP", Count: 1, Sub: []ValueCount{{Value: "joe", Count: 1}}},
			},
		}},
		{"filtered, huge size", StatisticsParams{Field: "user.name", Size: ptr(5000), Criteria: Criteria{Q: "-user.name:joe"}}, Statistics{
			Size: 1000, Total: 2, Values: []ValueCount{{Value: "ann", Count: 1}, {Value: "eve", Count: 1}},
		}},
		{"date", StatisticsParams{Field: "start_time"}, Statistics{Size: 10, Total: 5, Values: []ValueCount{{Value: "2018-09-15T10:53:00Z", Count: 5}}}},
		{"truth", StatisticsParams{Field: "active"}, Statistics{Size: 10, Total: 5, Values: []ValueCount{{Value: "false", Count: 5}}}},
		{"number", StatisticsParams{Field: "client.port"}, Statistics{Size: 10, Total: 5, Values: []ValueCount{{Value: "59125", Count: 5}}}},
		{"address", StatisticsParams{Field: "client.ip"}, Statistics{Size: 10, Total: 5, Values: []ValueCount{{Value: "10.20.30.40", Count: 5}}}},
		{"nothing", StatisticsParams{Field: "vault.system_id"}, Statistics{Size: 10, Total: 5, Missing: 5, Values: []ValueCount{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.Statistics(t.Context(), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Field.Path != tt.in.Field {
				t.Errorf("field %s", got.Field.Path)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Statistics{}, "Field", "Sub"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestStatisticsErrors(t *testing.T) {
	s, _ := newService(t)
	for _, tt := range []struct {
		in        StatisticsParams
		parameter string
	}{
		{StatisticsParams{}, "field"},
		{StatisticsParams{Field: "user"}, "field"},
		{StatisticsParams{Field: "protocol", SubFields: "nonsense,user.name"}, "sub_fields"},
		{StatisticsParams{Field: "protocol", SubFields: ","}, "sub_fields"},
		{StatisticsParams{Field: "protocol", Size: ptr(0)}, "size"},
		{StatisticsParams{Field: "protocol", Criteria: Criteria{Content: "*x"}}, "content"},
	} {
		_, err := s.Statistics(t.Context(), tt.in)
		var got *QueryError
		if !errors.As(err, &got) || got.Parameter != tt.parameter {
			t.Errorf("%+v: got %v, want a *QueryError on %s", tt.in, err, tt.parameter)
		}
	}
}

func TestCount(t *testing.T) {
	s := putColours(t)
	for q, want := range map[string]int{"": 5, "protocol:ssh": 3, "protocol:ssh AND -user.name:joe": 1, "_exists_:protocol": 4, "user.name:nobody": 0} {
		if got, err := s.Count(t.Context(), Criteria{Q: q}); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", q, got, err, want)
		}
	}
	if _, err := s.Count(t.Context(), Criteria{Q: "a AND"}); !errors.As(err, new(*QueryError)) {
		t.Errorf("got %v, want a *QueryError", err)
	}
}
