package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/spskit/spskit/server/internal/query"
)

const (
	// maxValues is how many values of a field a pattern is replaced by, and
	// maxDistinct how many are looked at to find them: beyond, the field has so
	// many values that its index is as good as read from end to end.
	maxValues   = 1000
	maxDistinct = 20_000
)

// enumerate returns what a pattern comes to that no index can look up: comparisons
// with the values of the field that match it. It is nil for other expressions, and
// when there are too many. Going from one value to the next in the index skips
// all sessions of the first.
func enumerate(ctx context.Context, dbtx *sql.Tx, e query.Expr) (query.Expr, error) {
	f := fieldOf(e)
	if f == nil || indexes[f.Path] == "" {
		return nil, nil
	}
	from, to := "", ""
	switch e := e.(type) {
	case query.Pattern:
		prefix, only := e.Glob.Prefix()
		if only {
			return nil, nil // a range of the index
		}
		if prefix != "" {
			from, to = prefix, afterPrefix(prefix)
		}
	case query.Similar:
	default:
		return nil, nil
	}
	values, err := distinct(ctx, dbtx, f, from, to, e)
	if err != nil || values == nil {
		return nil, err
	}
	switch len(values) {
	case 0: // nothing
		return query.Equal{Field: f, Value: nil}, nil
	case 1:
		return values[0], nil
	default:
		return query.Or(values), nil
	}
}

// distinct returns comparisons with all values of an indexed field that the leaf
// selects, or nil when there are too many to tell.
func distinct(ctx context.Context, dbtx *sql.Tx, f *query.Field, from, to string, leaf query.Expr) ([]query.Expr, error) {
	column := "s." + f.Column()
	// Each step has one lower bound only: with two, SQLite may start from the first.
	next := func(q *sqlBuilder, lower string, args ...any) {
		q.add("(SELECT "+column+" FROM sessions s WHERE "+column+" "+lower, args...)
		if to != "" {
			q.add(" AND "+column+" < ?", to)
		}
		q.add(" ORDER BY " + column + " LIMIT 1)")
	}
	var q sqlBuilder
	q.add("WITH RECURSIVE d(v, n) AS (SELECT ")
	next(&q, ">= ?", from)
	q.add(", 1 UNION ALL SELECT ")
	next(&q, "> d.v")
	q.add(", d.n + 1 FROM d WHERE d.v IS NOT NULL AND d.n <= ?) ", maxDistinct)
	q.add("SELECT v, n FROM d WHERE v IS NOT NULL AND (n > ? OR ", maxDistinct)
	compare(&q, "v", leaf)
	q.add(fmt.Sprintf(") LIMIT %d", maxValues+1))
	rows, err := dbtx.QueryContext(ctx, q.text.String(), q.args...)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	values := []query.Expr{}
	for rows.Next() {
		var value string
		var n int
		if err := rows.Scan(&value, &n); err != nil {
			return nil, mapError(err)
		}
		if n > maxDistinct || len(values) == maxValues {
			return nil, nil
		}
		values = append(values, query.Equal{Field: f, Value: value})
	}
	return values, mapError(rows.Err())
}
