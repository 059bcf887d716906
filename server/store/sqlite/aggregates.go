package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// values is how the values of a field are read from the matches of a search.
type values struct {
	column string // what to show for a group
	group  string // what to group by
	join   string // what has to be joined to s
}

// valuesOf names the joined table, if there is one, alias.
func valuesOf(f *query.Field, alias string) values {
	v := values{column: "s." + f.Column()}
	switch {
	case f.List:
		v.join = fmt.Sprintf(" JOIN json_each(list_json(%s)) %s", v.column, alias)
		v.column = alias + ".value"
	case f.InVault():
		v.column = alias + "." + f.Column()
		v.join = fmt.Sprintf(" LEFT JOIN session_vault %[1]s ON %[1]s.id = s.id", alias)
	}
	v.group = v.column
	if f.Fold { // as in comparisons, names in another case are the same
		v.column, v.group = "min("+v.column+")", v.column+" COLLATE NOCASE"
	}
	return v
}

// joined puts joins between the tables and the conditions of what plan.from made.
func joined(from, joins string) string {
	if joins == "" {
		return from
	}
	return "FROM (SELECT s.* " + from + ") s" + joins
}

// CountTerms counts the sessions by the values of a field.
func (s *Store) CountTerms(ctx context.Context, f store.Filter, t store.Terms) (store.TermCounts, error) {
	var counts store.TermCounts
	r, err := s.search(ctx, s.reader, nil)
	if err != nil {
		return counts, err
	}
	defer r.end()
	p, err := r.plan(ctx, f)
	if err != nil {
		return counts, err
	}
	all := p.from()
	if counts, err = r.countTerms(ctx, all, t); err != nil {
		return counts, err
	}
	if t.Field.List {
		// A session has any number of values: they do not add up to the sessions.
		err := r.dbtx.QueryRowContext(ctx, "SELECT count(*), count(*) - count(s."+t.Field.Column()+") "+all.sql, all.args...).
			Scan(&counts.Total, &counts.Missing)
		if err != nil {
			return counts, mapError(err)
		}
	}
	if t.Sub == nil || len(counts.Terms) == 0 {
		return counts, nil
	}
	return counts, r.countSubs(ctx, all, t, counts.Terms)
}

func (r *search) countTerms(ctx context.Context, all condition, t store.Terms) (store.TermCounts, error) {
	var counts store.TermCounts
	v := valuesOf(t.Field, "f")
	groups := "SELECT " + v.column + ", count(*) " + joined(all.sql, v.join) + " GROUP BY " + v.group
	rows, err := r.dbtx.QueryContext(ctx, fmt.Sprintf(`
		WITH g(v, n) AS MATERIALIZED (%s)
		SELECT TRUE, NULL, coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE v IS NULL), 0) FROM g
		UNION ALL
		SELECT FALSE, v, n, 0 FROM (SELECT v, n FROM g WHERE v IS NOT NULL ORDER BY n DESC, v LIMIT ?)`, groups),
		append(all.args, t.Size)...)
	if err != nil {
		return counts, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var sums bool
		var value any
		var n, missing int
		if err := rows.Scan(&sums, &value, &n, &missing); err != nil {
			return counts, mapError(err)
		}
		if sums {
			counts.Total, counts.Missing, counts.Other = n, missing, counts.Other+n-missing
			continue
		}
		counts.Other -= n
		counts.Terms = append(counts.Terms, store.TermCount{Value: fromColumn(t.Field, value), Count: n})
	}
	return counts, mapError(rows.Err())
}

// countSubs splits the terms by the values of t.Sub.
func (r *search) countSubs(ctx context.Context, all condition, t store.Terms, terms []store.TermCount) error {
	byValue := make(map[any]*store.TermCount, len(terms))
	for i := range terms {
		byValue[groupKey(t.Field, terms[i].Value)] = &terms[i]
	}
	v, w := valuesOf(t.Field, "f"), valuesOf(t.Sub, "g")
	groups := fmt.Sprintf("SELECT %[1]s AS k, %[2]s AS v, %[3]s AS w, count(*) AS n %[4]s GROUP BY %[1]s, %[5]s",
		v.group, v.column, w.column, joined(all.sql, v.join+w.join), w.group)
	rows, err := r.dbtx.QueryContext(ctx, fmt.Sprintf(`
		SELECT v, w, n FROM (
			SELECT v, w, n, row_number() OVER (PARTITION BY k ORDER BY n DESC, w) AS place
			FROM (%s) WHERE v IS NOT NULL AND w IS NOT NULL)
		WHERE place <= ? ORDER BY n DESC, w`, groups), append(all.args, t.Size)...)
	if err != nil {
		return mapError(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value, sub any
		var n int
		if err := rows.Scan(&value, &sub, &n); err != nil {
			return mapError(err)
		}
		if term := byValue[groupKey(t.Field, fromColumn(t.Field, value))]; term != nil {
			term.Sub = append(term.Sub, store.TermCount{Value: fromColumn(t.Sub, sub), Count: n})
		}
	}
	return mapError(rows.Err())
}

func groupKey(f *query.Field, value any) any {
	if text, ok := value.(string); ok && f.Fold {
		return asciiLower(text)
	}
	return value
}

// fromColumn returns a value of a column in the Go type of its field.
func fromColumn(f *query.Field, value any) any {
	switch v := value.(type) {
	case int64:
		switch f.Type {
		case query.Bool:
			return v != 0
		case query.Date:
			return fromMicros(v)
		case query.Keyword, query.Long, query.IP:
		}
	case []byte:
		if ip, ok := netip.AddrFromSlice(v); ok && f.Type == query.IP {
			return ip.Unmap()
		}
	}
	return value
}

// CountBins counts the sessions by the values of a date field.
func (s *Store) CountBins(
	ctx context.Context, f store.Filter, field *query.Field, width time.Duration, limit int,
) ([]store.Bin, error) {
	r, err := s.search(ctx, s.reader, nil)
	if err != nil {
		return nil, err
	}
	defer r.end()
	p, err := r.plan(ctx, f)
	if err != nil {
		return nil, err
	}
	all, ok := p.timesOnly()
	if !ok || field.Path != "start_time" && field.Path != "end_time" {
		all = p.from()
	}
	v := valuesOf(field, "f")
	// The API has no dates before 1970 (query.ParseDate), so that the division rounds
	// down.
	rows, err := r.dbtx.QueryContext(ctx, fmt.Sprintf(`
		SELECT bin, n FROM (SELECT %s / ? AS bin, count(*) AS n %s GROUP BY bin)
		WHERE bin IS NOT NULL ORDER BY bin LIMIT ?`, v.column, joined(all.sql, v.join)),
		append(append([]any{width.Microseconds()}, all.args...), limit)...)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	return scanBins(rows)
}

func scanBins(rows *sql.Rows) ([]store.Bin, error) {
	var bins []store.Bin
	for rows.Next() {
		var b store.Bin
		if err := rows.Scan(&b.Number, &b.Count); err != nil {
			return nil, mapError(err)
		}
		bins = append(bins, b)
	}
	return bins, mapError(rows.Err())
}
