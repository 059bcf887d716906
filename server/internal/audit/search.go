package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// maxSortKeys bounds the sort parameter.
const maxSortKeys = 8

// Params are the query parameters of a list of sessions, as the client gave
// them: "" or nil when it did not.
type Params struct {
	Criteria
	Fields, Sort, Format, Snapshot, SearchAfter string
	Limit, Offset                               *int
	Client                                      Client // who asks
}

// Search is a checked list request.
type Search struct {
	Window
	Selection
	Sort     []store.Order
	Fields   Projection
	Table    *Table          // how to write the page as CSV; nil for JSON
	Snapshot *store.Snapshot // search in it; nil searches what is stored now
	After    string          // in a snapshot: begin behind the session of this key, unless ""
}

// ParseSearch checks the parameters of a list request. The error is a
// *QueryError, or a *SnapshotError when the client has no such snapshot. All pages
// of a snapshot have the same now, which is when it was opened.
func (s *Service) ParseSearch(ctx context.Context, p Params) (Search, error) {
	search := Search{After: p.SearchAfter}
	switch {
	case p.SearchAfter != "" && p.Snapshot == "":
		return search, &QueryError{"search_after", p.SearchAfter, "a snapshot that it belongs to", -1}
	case p.Format == "csv" && p.Snapshot != "":
		return search, &QueryError{"format", p.Format, `"json", the only format within a snapshot`, -1}
	case p.Format != "" && p.Format != "json" && p.Format != "csv":
		return search, &QueryError{"format", p.Format, `"json" or "csv"`, -1}
	}
	now := s.now()
	var err error
	if p.Snapshot != "" {
		if search.Snapshot, err = s.useSnapshot(ctx, p.Snapshot, p.Client); err != nil {
			return search, err
		}
		now = search.Snapshot.OpenedAt
	}
	if search.Window, err = ParseWindow(p.Limit, p.Offset); err != nil {
		return search, err
	}
	if search.Offset > MaxMatches || p.Snapshot != "" {
		search.Offset = 0 // as documented: ignored, not refused
	}
	if search.Selection, err = s.selection(p.Criteria, now); err != nil {
		return search, err
	}
	if search.Sort, err = parseSort(p.Sort); err != nil {
		return search, err
	}
	if search.Fields, err = ParseFields(p.Fields); err != nil {
		return search, err
	}
	if search.After != "" {
		// Whether there is a session that the client may not know of must not show.
		switch visible, err := s.Visible(ctx, p.Access, search.After); {
		case err != nil:
			return search, err
		case !visible:
			return search, unknownAfter(search.After)
		}
	}
	if p.Format == "csv" {
		search.Table = newTable(search.Fields.Names())
	}
	return search, nil
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
