package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// BinSize is how long the bins of a histogram are, as a unit of the calendar.
type BinSize string

// The units that the contract lists. Weeks begin on Monday.
const (
	BinMinute  BinSize = "minute"
	BinHour    BinSize = "hour"
	BinDay     BinSize = "day"
	BinWeek    BinSize = "week"
	BinMonth   BinSize = "month"
	BinQuarter BinSize = "quarter"
	BinYear    BinSize = "year"
)

// HistogramQuery asks how many of the sessions that it chooses lie in each stretch of
// time. The zero value asks for all, by the day on which they started.
type HistogramQuery struct {
	Field   string  // a point in time; "" means "start_time"
	BinSize BinSize // "" means BinDay

	Start   time.Time // these four are as in SessionQuery; the bins reach from Start to End, as far as they are given
	End     time.Time
	Q       Query
	Content Query
}

// Histogram is how many sessions lie in each bin.
type Histogram struct {
	Bins       []HistogramBin  // from the oldest on, without gaps
	BinSize    BinSize         // of all of them
	Field      string          // by which the sessions were put into bins
	MatchCount int64           // sessions that the query chooses, exactly; those without a value in Field are in no bin
	TimeZone   string          // of the calendar that the bins follow, such as "UTC"
	Raw        json.RawMessage // the histogram as the server sent it
}

// HistogramBin is a stretch of time, and how many sessions lie in it.
type HistogramBin struct {
	Start time.Time `json:"-"`
	End   time.Time `json:"-"` // where the next bin begins; not in this one
	Count int64     `json:"count"`
}

// UnmarshalJSON reads a bin, as it is in the API's histograms.
func (b *HistogramBin) UnmarshalJSON(value []byte) error {
	type plain HistogramBin // has no methods
	wire := struct {
		*plain
		Start stamp `json:"start"`
		End   stamp `json:"end"`
	}{plain: (*plain)(b)}
	err := json.Unmarshal(value, &wire)
	b.Start, b.End = wire.Start.Time, wire.End.Time
	return err
}

// UnmarshalJSON reads a histogram, as the API has it.
func (h *Histogram) UnmarshalJSON(document []byte) error {
	var wire struct {
		Items *[]HistogramBin
		Meta  struct {
			BinSize    BinSize `json:"bin-size"`
			Field      string  `json:"field"`
			MatchCount int64   `json:"match_count"`
			TimeZone   string  `json:"time_zone"`
		}
	}
	if err := json.Unmarshal(document, &wire); err != nil {
		return err
	}
	if wire.Items == nil {
		return errNoItems
	}
	m := &wire.Meta
	*h = Histogram{*wire.Items, m.BinSize, m.Field, m.MatchCount, m.TimeZone, keep(document)}
	return nil
}

// MarshalJSON writes the histogram as the server sent it.
func (h Histogram) MarshalJSON() ([]byte, error) { return orNull(h.Raw), nil }

// Histogram counts the sessions that q chooses by time. Without a match there are no
// bins, unless q has both Start and End. Too many bins, or a field that is no time, are
// ErrInvalidQuery, and a count that takes too long is ErrUnavailable.
func (c *Client) Histogram(ctx context.Context, q HistogramQuery) (*Histogram, error) {
	f, err := filterBy(q.Start, q.End, q.Q, q.Content)
	if err != nil {
		return nil, fmt.Errorf("getSessionHistogram: %w", err)
	}
	params := &api.GetSessionHistogramParams{
		Field: optional(q.Field), Start: f.start, End: f.end, Q: f.q, Content: f.content,
		BinSize: optional(api.BinSizeParameter(q.BinSize)),
	}
	var h Histogram
	err = c.call(ctx, "getSessionHistogram", &h, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetSessionHistogram(ctx, params)
	})
	if err != nil {
		return nil, err
	}
	return &h, nil
}
