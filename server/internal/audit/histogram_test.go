package audit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBinSizes(t *testing.T) {
	at := time.Date(2024, 5, 18, 23, 59, 58, 999, time.UTC) // a Saturday
	for _, tt := range []struct{ unit, floor, next string }{
		{"minute", "2024-05-18T23:59:00Z", "2024-05-19T00:00:00Z"},
		{"hour", "2024-05-18T23:00:00Z", "2024-05-19T00:00:00Z"},
		{"day", "2024-05-18T00:00:00Z", "2024-05-19T00:00:00Z"},
		{"week", "2024-05-13T00:00:00Z", "2024-05-20T00:00:00Z"},
		{"month", "2024-05-01T00:00:00Z", "2024-06-01T00:00:00Z"},
		{"quarter", "2024-04-01T00:00:00Z", "2024-07-01T00:00:00Z"},
		{"year", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"},
	} {
		unit := binSizes[tt.unit]
		floor := unit.floor(at)
		if got := FormatTime(floor); got != tt.floor {
			t.Errorf("the %s begins %s, want %s", tt.unit, got, tt.floor)
		}
		if got := FormatTime(unit.next(floor)); got != tt.next {
			t.Errorf("the next %s begins %s, want %s", tt.unit, got, tt.next)
		}
		if unit.floor(floor) != floor {
			t.Errorf("the %s does not begin where it begins", tt.unit)
		}
	}
	for _, day := range []int{12, 13} { // a Sunday and a Monday
		if got, want := monday(time.Date(2024, 5, day, 5, 0, 0, 0, time.UTC)).Day(), day/13*7+6; got != want {
			t.Errorf("the week of the %dth begins on the %dth, want %d", day, got, want)
		}
	}
}

// bins writes a histogram down as one line a bin.
func bins(h Histogram) string {
	var b strings.Builder
	for _, bin := range h.Bins {
		b.WriteString(FormatTime(bin.Start)[:16] + "-" + FormatTime(bin.End)[:16] + " " + formatValue(int64(bin.Count)) + "\n")
	}
	return b.String()
}

func TestHistogram(t *testing.T) {
	s, st := newService(t)
	for i, start := range []string{"2024-01-31T23:30:00Z", "2024-01-31T23:59:59.999999Z", "2024-02-01T00:00:00Z", "2024-02-05T00:00:00Z", "2024-04-01T10:00:00Z"} {
		at, err := time.Parse(time.RFC3339, start)
		if err != nil {
			t.Fatal(err)
		}
		d := guideDocument(t, string(rune('a'+i)), at)
		d.Body["end_time"] = at.Add(time.Minute).Format(time.RFC3339Nano)
		if i > 2 {
			d.Body["end_time"] = nil
		}
		put(t, st, d)
	}
	for _, tt := range []struct {
		name  string
		in    HistogramParams
		total int
		want  string
	}{
		{"months", HistogramParams{BinSize: "month"}, 5, "2024-01-01T00:00-2024-02-01T00:00 2\n2024-02-01T00:00-2024-03-01T00:00 2\n" +
			"2024-03-01T00:00-2024-04-01T00:00 0\n2024-04-01T00:00-2024-05-01T00:00 1\n"},
		{"quarters", HistogramParams{BinSize: "quarter"}, 5, "2024-01-01T00:00-2024-04-01T00:00 4\n2024-04-01T00:00-2024-07-01T00:00 1\n"},
		{"year", HistogramParams{BinSize: "year"}, 5, "2024-01-01T00:00-2025-01-01T00:00 5\n"},
		{"weeks", HistogramParams{BinSize: "week", Criteria: Criteria{Q: "start_time:<2024-03"}}, 4, "2024-01-29T00:00-2024-02-05T00:00 3\n2024-02-05T00:00-2024-02-12T00:00 1\n"},
		{"hours by default from match to match", HistogramParams{BinSize: "hour", Criteria: Criteria{Q: "start_time:[2024-01 TO 2024-02-02]"}}, 3, "2024-01-31T23:00-2024-02-01T00:00 2\n2024-02-01T00:00-2024-02-01T01:00 1\n"},
		{"empty days to the start", HistogramParams{Criteria: Criteria{Start: "2024-03-30"}}, 1, "2024-03-30T00:00-2024-03-31T00:00 0\n2024-03-31T00:00-2024-04-01T00:00 0\n2024-04-01T00:00-2024-04-02T00:00 1\n"},
		{"start and end", HistogramParams{BinSize: "minute", Criteria: Criteria{Start: "2024-01-31T23:59", End: "2024-02-01T00:01:00"}}, 2, "2024-01-31T23:59-2024-02-01T00:00 1\n2024-02-01T00:00-2024-02-01T00:01 1\n2024-02-01T00:01-2024-02-01T00:02 0\n"},
		{"no match", HistogramParams{Criteria: Criteria{Q: "protocol:nothing"}}, 0, ""},
		{"no match but a period", HistogramParams{Criteria: Criteria{Start: "2020-01-01", End: "2020-01-02"}}, 0, "2020-01-01T00:00-2020-01-02T00:00 0\n2020-01-02T00:00-2020-01-03T00:00 0\n"},
		{"end before the start", HistogramParams{Criteria: Criteria{Start: "2020-01-02", End: "2020-01-01"}}, 0, ""},
		{"another field", HistogramParams{Field: "end_time", BinSize: "month"}, 5, "2024-01-01T00:00-2024-02-01T00:00 1\n2024-02-01T00:00-2024-03-01T00:00 2\n"},
		{"a match before the start", HistogramParams{Field: "creation_time", BinSize: "year", Criteria: Criteria{Start: "2024-01-01"}}, 5, "2018-01-01T00:00-2019-01-01T00:00 5\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := s.Histogram(t.Context(), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, bins(h)); diff != "" || h.Total != tt.total {
				t.Errorf("total %d, want %d (-want +got)\n%s", h.Total, tt.total, diff)
			}
		})
	}
}

func TestHistogramErrors(t *testing.T) {
	s, st := newService(t)
	put(t, st, guideDocument(t, "a", time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)), guideDocument(t, "b", time.Date(2199, 12, 31, 23, 59, 0, 0, time.UTC)))
	for _, tt := range []struct {
		in        HistogramParams
		parameter string
	}{
		{HistogramParams{Field: "nonsense"}, "field"},
		{HistogramParams{Field: "protocol"}, "field"},
		{HistogramParams{BinSize: "decade"}, "bin-size"},
		{HistogramParams{BinSize: "minute"}, "bin-size"},
		{HistogramParams{BinSize: "day"}, "bin-size"},
		{HistogramParams{BinSize: "week"}, "bin-size"},
		{HistogramParams{BinSize: "minute", Criteria: Criteria{Start: "2024-01-01", End: "2024-01-07T22:40"}}, "bin-size"},
		{HistogramParams{Criteria: Criteria{Q: "("}}, "q"},
	} {
		_, err := s.Histogram(t.Context(), tt.in)
		var got *QueryError
		if !errors.As(err, &got) || got.Parameter != tt.parameter {
			t.Errorf("%+v: got %v, want a *QueryError on %s", tt.in, err, tt.parameter)
		}
	}
	for _, in := range []HistogramParams{
		{BinSize: "month"},
		{BinSize: "minute", Criteria: Criteria{Start: "2024-01-01", End: "2024-01-07T22:39", Q: "start_time:<2100"}}, // 10,000 of them
	} {
		if h, err := s.Histogram(t.Context(), in); err != nil || len(h.Bins) > maxBins {
			t.Errorf("%+v: %d bins, %v", in, len(h.Bins), err)
		}
	}
}
