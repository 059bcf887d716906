package audit

import (
	"context"
	"math"
	"strconv"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// Bounds of the statistics.
const (
	defaultStatSize = 10
	maxStatSize     = 1000
)

// StatisticsParams are the query parameters of statistics, as the client gave
// them: "" or nil when it did not.
type StatisticsParams struct {
	Criteria
	Field, SubFields string
	Size             *int
}

// Statistics say how many sessions have each of the most frequent values of a
// field.
type Statistics struct {
	Field   *query.Field
	Sub     *query.Field // splits the values; nil when none was asked for
	Size    int          // how many values were asked for
	Values  []ValueCount // the most frequent first
	Total   int          // all sessions that match
	Missing int          // those without the field
	Other   int          // how often values occur that are not among Values
}

// ValueCount says how many sessions have a value.
type ValueCount struct {
	Value string
	Count int
	Sub   []ValueCount // the most frequent first; empty without a Statistics.Sub
}

// Statistics counts the values of a field. A wrong parameter gives a *QueryError.
func (s *Service) Statistics(ctx context.Context, p StatisticsParams) (Statistics, error) {
	st, err := parseStatistics(p)
	if err != nil {
		return st, err
	}
	chosen, err := s.selection(p.Criteria, s.now())
	if err != nil {
		return st, err
	}
	err = s.limited(ctx, "count values", func(ctx context.Context) error {
		counts, err := s.sessions.CountTerms(ctx, chosen.Filter, store.Terms{Field: st.Field, Sub: st.Sub, Size: st.Size})
		if err != nil {
			return chosen.explain(err)
		}
		st.Total, st.Missing, st.Other, st.Values = counts.Total, counts.Missing, counts.Other, valueCounts(counts.Terms)
		return nil
	})
	return st, err
}

func parseStatistics(p StatisticsParams) (Statistics, error) {
	st := Statistics{Size: defaultStatSize}
	var err error
	if st.Field, err = searchField("field", p.Field, p.Field); err != nil {
		return st, err
	}
	if p.SubFields != "" {
		for path := range commaList(p.SubFields) {
			if st.Sub, err = searchField("sub_fields", p.SubFields, path); err != nil {
				return st, err
			}
			break // as documented: the first one counts
		}
	}
	if p.Size != nil {
		if *p.Size < 1 {
			return st, &QueryError{"size", strconv.Itoa(*p.Size), "a number from 1 to " + strconv.Itoa(maxStatSize), -1}
		}
		st.Size = min(*p.Size, maxStatSize)
	}
	return st, nil
}

func valueCounts(terms []store.TermCount) []ValueCount {
	counts := make([]ValueCount, len(terms))
	for i, t := range terms {
		counts[i] = ValueCount{Value: formatValue(t.Value), Count: t.Count, Sub: valueCounts(t.Sub)}
	}
	return counts
}

// Count counts the sessions that match, exactly. A wrong parameter gives a
// *QueryError.
func (s *Service) Count(ctx context.Context, c Criteria) (int, error) {
	chosen, err := s.selection(c, s.now())
	if err != nil {
		return 0, err
	}
	n := 0
	err = s.limited(ctx, "count sessions", func(ctx context.Context) error {
		n, err = s.sessions.CountSessions(ctx, chosen.Filter, math.MaxInt)
		return chosen.explain(err)
	})
	return n, err
}
