package audit

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

const (
	defaultBinSize = "day"
	maxBins        = 10_000
	// maxDays is more days than dates may lie on.
	maxDays = 366 * 250
)

// HistogramParams are the query parameters of a histogram, as the client gave
// them: "" when it did not.
type HistogramParams struct {
	Criteria
	Field, BinSize string
}

// Histogram says how many sessions there are in each of several bins of time.
type Histogram struct {
	Field      *query.Field
	BinSize    string
	Start, End time.Time // as asked for; zero for open
	Bins       []Bin     // the oldest first, without gaps
	Total      int       // all sessions that match, those without the field included
}

// Bin is a stretch of time, End excluded, and how many sessions lie in it.
type Bin struct {
	Start, End time.Time
	Count      int
}

// binSize is a unit of the calendar in UTC.
type binSize struct {
	width time.Duration // in which the store counts; bins consist of whole ones
	floor func(time.Time) time.Time
	next  func(time.Time) time.Time // of the start of a bin
}

var binSizes = map[string]binSize{
	"minute":  fixed(time.Minute),
	"hour":    fixed(time.Hour),
	"day":     fixed(24 * time.Hour),
	"week":    {24 * time.Hour, monday, func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }},
	"month":   months(1),
	"quarter": months(3),
	"year":    months(12),
}

func fixed(width time.Duration) binSize {
	return binSize{
		width,
		func(t time.Time) time.Time { return t.Truncate(width) },
		func(t time.Time) time.Time { return t.Add(width) },
	}
}

func monday(t time.Time) time.Time {
	sinceMonday := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-sinceMonday, 0, 0, 0, 0, time.UTC)
}

// months is a unit of so many months, which divide the year.
func months(n int) binSize {
	return binSize{
		24 * time.Hour,
		func(t time.Time) time.Time {
			first := (int(t.Month())-1)/n*n + 1
			return time.Date(t.Year(), time.Month(first), 1, 0, 0, 0, 0, time.UTC)
		},
		func(t time.Time) time.Time { return t.AddDate(0, n, 0) },
	}
}

// Histogram counts sessions by a date. A wrong parameter gives a *QueryError.
func (s *Service) Histogram(ctx context.Context, p HistogramParams) (Histogram, error) {
	h, unit, err := parseHistogram(p)
	if err != nil {
		return h, err
	}
	chosen, err := s.selection(p.Criteria, s.now())
	if err != nil {
		return h, err
	}
	h.Start, h.End = chosen.StartFrom.UTC(), chosen.EndTo.UTC()
	if !h.Start.IsZero() && !h.End.IsZero() {
		if _, err := emptyBins(&h, unit, h.Start, h.End); err != nil {
			return h, err // without a look at the sessions
		}
	}
	err = s.limited(ctx, "count sessions by time", func(ctx context.Context) error {
		limit := maxBins + 1
		if unit.width == 24*time.Hour {
			limit = maxDays
		}
		counted, err := s.sessions.CountBins(ctx, chosen.Filter, h.Field, unit.width, limit)
		if err != nil {
			return chosen.explain(err)
		}
		for i := range counted {
			h.Total += counted[i].Count
		}
		if h.Field.Path != query.Fields[startTime].Path { // which every session has
			if h.Total, err = s.sessions.CountSessions(ctx, chosen.Filter, math.MaxInt); err != nil {
				return chosen.explain(err)
			}
		}
		return h.fill(unit, counted)
	})
	return h, err
}

func parseHistogram(p HistogramParams) (Histogram, binSize, error) {
	h := Histogram{Field: &query.Fields[startTime], BinSize: defaultBinSize}
	if p.Field != "" {
		if h.Field = query.FieldAt(p.Field); h.Field == nil || h.Field.Type != query.Date {
			return h, binSize{}, &QueryError{"field", p.Field, `a field that holds a date, such as "start_time"`, 0}
		}
	}
	if p.BinSize != "" {
		h.BinSize = p.BinSize
	}
	unit, ok := binSizes[h.BinSize]
	if !ok {
		return h, unit, &QueryError{"bin-size", p.BinSize, `"minute", "hour", "day", "week", "month", "quarter" or "year"`, -1}
	}
	return h, unit, nil
}

// fill makes the bins out of what the store counted.
func (h *Histogram) fill(unit binSize, counted []store.Bin) error {
	at := func(b store.Bin) time.Time { return time.Unix(b.Number*int64(unit.width/time.Second), 0).UTC() }
	first, last := h.Start, h.End
	if len(counted) > 0 {
		if t := at(counted[0]); first.IsZero() || t.Before(first) {
			first = t
		}
		if t := at(counted[len(counted)-1]); last.IsZero() || t.After(last) {
			last = t
		}
	}
	if first.IsZero() || last.IsZero() {
		return nil
	}
	var err error
	if h.Bins, err = emptyBins(h, unit, first, last); err != nil {
		return err
	}
	i := 0
	for _, b := range counted {
		for !at(b).Before(h.Bins[i].End) {
			i++
		}
		h.Bins[i].Count += b.Count
	}
	return nil
}

// emptyBins returns the bins from the one that holds first to the one that holds
// last, of which there are none if last lies before them.
func emptyBins(h *Histogram, unit binSize, first, last time.Time) ([]Bin, error) {
	var bins []Bin
	for t := unit.floor(first); !t.After(last); {
		if len(bins) == maxBins {
			return nil, &QueryError{"bin-size", h.BinSize, fmt.Sprintf("a unit that makes at most %d bins", maxBins), -1}
		}
		next := unit.next(t)
		bins = append(bins, Bin{Start: t, End: next})
		t = next
	}
	return bins, nil
}
