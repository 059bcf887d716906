package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// Count tells how many sessions q chooses, exactly, however many there are. What q says
// about pages and properties makes no difference.
func (c *Client) Count(ctx context.Context, q SessionQuery) (int64, error) {
	f, err := filterBy(q.Start, q.End, q.Q, q.Content)
	if err != nil {
		return 0, fmt.Errorf("countSessions: %w", err)
	}
	var answer countAnswer
	err = c.call(ctx, "countSessions", &answer, func(ctx context.Context) (*http.Response, error) {
		return c.api.CountSessions(ctx, &api.CountSessionsParams{Start: f.start, End: f.end, Q: f.q, Content: f.content})
	})
	return int64(answer), err
}

type countAnswer int64

// UnmarshalJSON refuses what has no count, which would be taken for 0.
func (a *countAnswer) UnmarshalJSON(document []byte) error {
	var wire struct{ Count *int64 }
	if err := json.Unmarshal(document, &wire); err != nil {
		return err
	}
	if wire.Count == nil {
		return errors.New("there is no count")
	}
	*a = countAnswer(*wire.Count)
	return nil
}

// MaxStatsSize is how many values the API lists at most.
const MaxStatsSize = 1000

// StatsQuery asks how often the values of a field occur among the sessions that it
// chooses. Only Field is needed.
type StatsQuery struct {
	Field    string // such as "protocol"; one of SearchFields, or another that the server knows
	SubField string // also count the values of this field, for each value of Field
	Size     int    // how many values to list, MaxStatsSize at most; 0 means 10

	Start   time.Time // these four are as in SessionQuery
	End     time.Time
	Q       Query
	Content Query
}

func (q StatsQuery) params() (*api.GetSessionStatisticsParams, error) {
	switch {
	case q.Field == "":
		return nil, errors.New("the query has no field to count the values of")
	case strings.Contains(q.SubField, ","): // the server would take the first and say nothing
		return nil, fmt.Errorf("the query has several fields in SubField, %q", q.SubField)
	case q.Size < 0 || q.Size > MaxStatsSize:
		return nil, fmt.Errorf("the query asks for %d values, and the API lists 1 to %d", q.Size, MaxStatsSize)
	}
	f, err := filterBy(q.Start, q.End, q.Q, q.Content)
	if err != nil {
		return nil, err
	}
	return &api.GetSessionStatisticsParams{
		Field: q.Field, SubFields: optional(q.SubField), Size: optional(q.Size),
		Start: f.start, End: f.end, Q: f.q, Content: f.content,
	}, nil
}

// Stats are the most frequent values of a field.
type Stats struct {
	Values       []StatsValue    // the most frequent first
	MatchCount   int64           // sessions that the query chooses, exactly
	MissingCount int64           // how many of them have no value in the field
	OtherCount   int64           // occurrences of values that are not listed
	Raw          json.RawMessage // the statistics as the server sent them
}

// StatsValue is a value of a field, and how often it occurs. In a field with several
// values, each of them counts.
type StatsValue struct {
	Value     string       `json:"value"` // numbers are decimal, times RFC 3339 in UTC, and truth true or false
	Count     int64        `json:"count"` // sessions that have it
	SubValues []StatsValue `json:"sub_items"`
}

// UnmarshalJSON reads statistics, as the API has them.
func (s *Stats) UnmarshalJSON(document []byte) error {
	var wire struct {
		Items *[]StatsValue
		Meta  struct {
			MatchCount   int64 `json:"match_count"`
			MissingCount int64 `json:"missing_count"`
			OtherCount   int64 `json:"other_count"`
		}
	}
	if err := json.Unmarshal(document, &wire); err != nil {
		return err
	}
	if wire.Items == nil {
		return errNoItems
	}
	m := &wire.Meta
	*s = Stats{*wire.Items, m.MatchCount, m.MissingCount, m.OtherCount, keep(document)}
	return nil
}

// MarshalJSON writes the statistics as the server sent them.
func (s Stats) MarshalJSON() ([]byte, error) { return orNull(s.Raw), nil }

// Stats counts the sessions that q chooses by the values of a field. A field that the
// server doesn't know is ErrInvalidQuery, and a count that takes too long
// ErrUnavailable.
func (c *Client) Stats(ctx context.Context, q StatsQuery) (*Stats, error) {
	params, err := q.params()
	if err != nil {
		return nil, fmt.Errorf("getSessionStatistics: %w", err)
	}
	var s Stats
	err = c.call(ctx, "getSessionStatistics", &s, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetSessionStatistics(ctx, params)
	})
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// errNoItems is about what would be taken for an empty result.
var errNoItems = errors.New("there are no items")
