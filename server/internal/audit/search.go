package audit

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// maxSortKeys bounds the sort parameter.
const maxSortKeys = 8

// Params are the query parameters of a list of sessions, as the client gave
// them: "" or nil when it did not.
type Params struct {
	Start, End, Q, Content, Fields, Sort, Format, Snapshot, SearchAfter string
	Limit, Offset                                                       *int
}

// Search is a checked list request.
type Search struct {
	Window
	Filter store.Filter
	Sort   []store.Order
	Fields Projection
}

// ParseSearch checks the parameters of a list request. The error is a
// *QueryError.
func ParseSearch(p Params) (Search, error) {
	var s Search
	var err error
	for _, u := range []struct{ name, value string }{
		{"q", p.Q},
		{"content", p.Content},
		{"snapshot", p.Snapshot},
		{"search_after", p.SearchAfter},
	} {
		if u.value != "" {
			return s, &QueryError{u.name, u.value, "no value, because this version does not support the parameter", -1}
		}
	}
	if p.Format != "" && p.Format != "json" {
		return s, &QueryError{"format", p.Format, `"json", the only format that this version supports`, -1}
	}
	if s.Window, err = ParseWindow(p.Limit, p.Offset); err != nil {
		return s, err
	}
	if s.Offset > MaxMatches {
		s.Offset = 0 // as documented: ignored, not refused
	}
	if s.Filter.StartFrom, err = parseDate("start", p.Start); err != nil {
		return s, err
	}
	if s.Filter.EndTo, err = parseDate("end", p.End); err != nil {
		return s, err
	}
	if s.Sort, err = parseSort(p.Sort); err != nil {
		return s, err
	}
	s.Fields, err = ParseFields(p.Fields)
	return s, err
}

func parseDate(parameter, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := query.ParseDate(value)
	var dateError *query.DateError
	if errors.As(err, &dateError) {
		return t, &QueryError{parameter, value, dateError.Expected, dateError.Position}
	}
	return t, err
}

func parseSort(value string) ([]store.Order, error) {
	if value == "" {
		return nil, nil
	}
	var keys []store.Order
	for name, position := range commaList(value) {
		path, descending := strings.CutPrefix(name, "-")
		field := query.FieldAt(path)
		switch {
		case len(keys) == maxSortKeys:
			return nil, &QueryError{"sort", value, fmt.Sprintf("at most %d fields", maxSortKeys), position}
		case field == nil:
			return nil, &QueryError{"sort", value, `a field, "-" before it for descending order`, position}
		case field.List:
			return nil, &QueryError{"sort", value, "a field that has one value, which a list has not", position}
		}
		keys = append(keys, store.Order{Field: field, Descending: descending})
	}
	return keys, nil
}

// commaList yields the elements of a comma-separated list without the blanks
// around them, and the position of each.
func commaList(list string) func(yield func(element string, position int) bool) {
	return func(yield func(string, int) bool) {
		for at := 0; at <= len(list); {
			element, _, _ := strings.Cut(list[at:], ",")
			trimmed := strings.TrimLeft(element, " ")
			if !yield(strings.TrimRight(trimmed, " "), at+len(element)-len(trimmed)) {
				return
			}
			at += len(element) + 1
		}
	}
}
