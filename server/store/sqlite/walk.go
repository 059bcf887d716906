package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/store"
)

// WalkSessions calls fn for each session of the page, in order. It holds one
// of the connections for pages until fn has had the last one: slow readers of
// pages can hold up other pages, and nothing else.
func (s *Store) WalkSessions(ctx context.Context, p store.Page, fn func(key string, body []byte) error) error {
	if p.Limit <= 0 {
		return nil
	}
	rows, err := s.page(ctx, p)
	if err != nil {
		return mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var key string
	var body sql.RawBytes // the driver's own copy of the row, not copied again
	dest := []any{&key, &body}
	if !p.Bodies {
		dest = dest[:1]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return mapError(err)
		}
		if err := fn(key, body); err != nil {
			return err
		}
	}
	return mapError(rows.Err())
}

func (s *Store) page(ctx context.Context, p store.Page) (*sql.Rows, error) {
	offset := max(p.Offset, 0)
	if p.Filter == (store.Filter{}) && len(p.Sort) == 0 {
		if p.Bodies {
			return s.newestBodies.rows(ctx, offset, p.Limit)
		}
		return s.newestKeys.rows(ctx, offset, p.Limit)
	}
	query, args := pageQuery(p)
	return s.pages.QueryContext(ctx, query, append(args, p.Limit, offset)...)
}

// pageQuery builds the query of a page that is filtered or sorted; its last two
// arguments, not among args, are the limit and the offset.
func pageQuery(p store.Page) (query string, args []any) {
	from, order := "sessions s", "s.id DESC"
	if len(p.Sort) > 0 {
		from, order = sorted(p.Sort)
	} else {
		// Rows in order of id are in the right order already; the planner might
		// rather pick an index and sort what it finds.
		from += " NOT INDEXED"
	}
	w := filtered(p.Filter)
	if len(p.Sort) == 0 {
		w.addIDs(p.Filter)
	}
	inner := "FROM " + from + w.clause() + " ORDER BY " + order + " LIMIT ? OFFSET ?"
	if !p.Bodies {
		return "SELECT s.key " + inner, w.args
	}
	// The page is cut before the documents are fetched, so that sorting does not
	// carry them along. CROSS JOIN keeps the cut page, and with it the order, on
	// the outside.
	return "SELECT d.key, d.body FROM (SELECT s.id " + inner + ") p CROSS JOIN session_docs d ON d.id = p.id", w.args
}

func sorted(orders []store.Order) (from, order string) {
	from = "sessions s"
	var b strings.Builder
	for _, o := range orders {
		column := "s." + o.Field.Column()
		if o.Field.InVault() {
			from = "sessions s LEFT JOIN session_vault v ON v.id = s.id"
			column = "v." + o.Field.Column()
		}
		direction := "ASC"
		if o.Descending {
			direction = "DESC"
		}
		fmt.Fprintf(&b, "%s %s NULLS LAST, ", column, direction)
	}
	return from, b.String() + "s.id DESC"
}

// CountSessions counts the matches, but no further than limit.
func (s *Store) CountSessions(ctx context.Context, f store.Filter, limit int) (int, error) {
	limit = max(limit, 0)
	var n int
	if f == (store.Filter{}) {
		err := s.total.row(ctx, nil, &n)
		return min(n, limit), err
	}
	w := filtered(f)
	err := s.reader.QueryRowContext(ctx, countQuery(w), append(w.args, limit)...).Scan(&n)
	return n, mapError(err)
}

// countQuery counts within one index; its last argument is the limit.
func countQuery(w *where) string {
	return "SELECT count(*) FROM (SELECT 1 FROM sessions s INDEXED BY sessions_time" + w.clause() + " LIMIT ?)"
}
