//go:build linux

package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// finder looks for values in the database that make queries select as many
// sessions as they should: as many at both sizes, so that both are comparable.
// Every method returns variants of one query, of about the same weight, so that
// no answer is asked for twice.
type finder struct {
	*asker
	many   int64 // how many sessions a query selects that is to select many at the smaller size
	wanted int   // how many variants
	total  int64
	from   time.Time // a month in the middle
	to     time.Time
	pairs  []pair // once they are known
}

// variant is one of several equivalent requests.
type variant struct {
	path    string
	args    []any // of the SQL that answers the same
	selects int64 // how many sessions
}

// month is what the issue calls 30 days.
const month = 30 * 24 * time.Hour

// newFinder prepares to look. smaller is the number of sessions at the smaller
// size.
func newFinder(a *asker, smaller, wanted int) (*finder, error) {
	n, err := a.numbers(`SELECT total, (SELECT min(id) >> 20 FROM sessions), (SELECT max(id) >> 20 FROM sessions) FROM session_stats`)
	if err != nil {
		return nil, err
	}
	f := &finder{asker: a, many: int64(max(smaller/50, 1)), wanted: wanted, total: n[0]}
	f.from = time.UnixMilli((n[1] + n[2]) / 2).UTC().Truncate(time.Second)
	f.to = f.from.Add(month)
	// The words of the full-text index. One of them only parts records.
	for _, sql := range []string{
		`CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, session_text, row)`,
		`CREATE TEMP TABLE words AS SELECT term AS word, doc AS n FROM vocabulary WHERE term NOT GLOB '*[^a-z]*' AND length(term) >= 3`,
	} {
		if _, err := a.rows(sql); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// list is the path of a page.
func list(parameters ...string) string {
	return path("", append(parameters, "limit", "500", "fields", "*")...)
}

// path is that of a query with so many names and values.
func path(of string, parameters ...string) string {
	values := make(url.Values)
	for pair := range slices.Chunk(parameters, 2) {
		values.Set(pair[0], pair[1])
	}
	return "/api/audit/sessions" + of + "?" + values.Encode()
}

func atTime(t time.Time) string { return t.Format(time.RFC3339) }

// idsFrom and idsTo bound the ids of the sessions that start in a period.
func idsFrom(t time.Time) int64 { return t.UnixMilli() << 20 }
func idsTo(t time.Time) int64   { return t.UnixMilli()<<20 | (1<<20 - 1) }

// each makes a variant of each row. The last column is the number of sessions.
func (f *finder) each(rows [][]string, err error, make func(row []string) variant) ([]variant, error) {
	if err != nil {
		return nil, err
	}
	var variants []variant
	for _, row := range rows {
		n, err := strconv.ParseInt(row[len(row)-1], 10, 64)
		if err != nil {
			return nil, err
		}
		v := make(row)
		v.selects = n
		variants = append(variants, v)
	}
	if len(variants) == 0 {
		return nil, fmt.Errorf("the database has no suitable values")
	}
	return variants, nil
}

func (f *finder) newest() ([]variant, error) {
	return []variant{{path: list(), selects: f.total}}, nil
}

func (f *finder) offsets() (variants []variant, err error) {
	for i := range min(int64(f.wanted), f.total/2) {
		offset := min(9500, f.total*19/20) - i
		variants = append(variants, variant{
			path: list("offset", fmt.Sprint(offset)), args: []any{offset}, selects: f.total,
		})
	}
	return variants, nil
}

const usersByWeight = `
	SELECT user_name, count(*) FROM sessions INDEXED BY sessions_user_name WHERE user_name IS NOT NULL
	GROUP BY user_name ORDER BY abs(count(*) - ?1), user_name LIMIT ?2`

// users have about so many sessions each.
func (f *finder) users(sessions int64, q string) ([]variant, error) {
	rows, err := f.rows(usersByWeight, sessions, int64(f.wanted))
	return f.each(rows, err, func(row []string) variant {
		return variant{path: list("q", fmt.Sprintf(q, row[0])), args: []any{row[0]}}
	})
}

func (f *finder) heavyUsers() ([]variant, error) { return f.users(f.total, `user.name:"%s"`) }
func (f *finder) lightUsers() ([]variant, error) { return f.users(f.many/40, `user.name:"%s"`) }

// notUsers leave out those who have most.
func (f *finder) notUsers() ([]variant, error) {
	variants, err := f.users(f.total, `NOT user.name:"%s"`)
	for i := range variants {
		variants[i].selects = f.total - variants[i].selects
	}
	return variants, err
}

func (f *finder) twoUsers() ([]variant, error) {
	rows, err := f.rows(usersByWeight, f.many/2, int64(f.wanted+1))
	if err != nil {
		return nil, err
	}
	var variants []variant
	for i := range len(rows) - 1 {
		one, other := rows[i], rows[i+1]
		n, err := f.numbers(`SELECT ?1 + ?2`, number(one[1]), number(other[1]))
		if err != nil {
			return nil, err
		}
		variants = append(variants, variant{
			path: list("q", fmt.Sprintf(`user.name:("%s" OR "%s")`, one[0], other[0])), args: []any{one[0], other[0]}, selects: n[0],
		})
	}
	return variants, nil
}

// number is what SQL has written.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

func (f *finder) usersInMonth() ([]variant, error) {
	rows, err := f.rows(`
		SELECT user_name, protocol, count(*) FROM sessions NOT INDEXED
		WHERE id BETWEEN ?1 AND ?2 AND end_time <= ?3 AND user_name IS NOT NULL AND protocol IS NOT NULL
		GROUP BY 1, 2 ORDER BY abs(count(*) - ?4), 1, 2 LIMIT ?5`,
		idsFrom(f.from), idsTo(f.to), f.to.UnixMicro(), f.many/80, int64(f.wanted))
	return f.each(rows, err, func(row []string) variant {
		return variant{
			path: list("q", fmt.Sprintf(`user.name:"%s" AND protocol:%s`, row[0], row[1]), "start", atTime(f.from), "end", atTime(f.to)),
			args: []any{row[0], row[1], idsFrom(f.from), idsTo(f.to), f.to.UnixMicro()},
		}
	})
}

func (f *finder) prefixes() ([]variant, error) {
	rows, err := f.rows(`
		WITH RECURSIVE users AS (
			SELECT user_name, count(*) AS n FROM sessions INDEXED BY sessions_user_name WHERE user_name IS NOT NULL GROUP BY 1),
		lengths (l) AS (SELECT 2 UNION ALL SELECT l + 1 FROM lengths WHERE l < 12)
		SELECT substr(user_name, 1, l) AS prefix, sum(n) FROM users, lengths
		WHERE length(user_name) > l AND user_name NOT GLOB '*[^a-z.]*'
		GROUP BY 1 ORDER BY abs(sum(n) - ?1), length(prefix), 1 LIMIT ?2`, f.many, int64(f.wanted))
	return f.each(rows, err, func(row []string) variant {
		prefix := row[0]
		last := len(prefix) - 1
		return variant{path: list("q", `user.name:`+prefix+`*`), args: []any{prefix, prefix[:last] + string(prefix[last]+1)}}
	})
}

func (f *finder) infixes() ([]variant, error) {
	rows, err := f.rows(`
		WITH RECURSIVE users AS MATERIALIZED (
			SELECT user_name, count(*) AS n FROM sessions INDEXED BY sessions_user_name WHERE user_name IS NOT NULL GROUP BY 1),
		places (p) AS (SELECT 3 UNION ALL SELECT p + 1 FROM places WHERE p < 12),
		infixes AS (SELECT DISTINCT substr(user_name, p, 3) AS infix FROM users, places)
		SELECT infix, (SELECT sum(n) FROM users WHERE instr(user_name, infix) > 0) AS found FROM infixes
		WHERE length(infix) = 3 AND infix NOT GLOB '*[^a-z]*' ORDER BY abs(found - ?1), 1 LIMIT ?2`, f.many, int64(f.wanted))
	return f.each(rows, err, func(row []string) variant {
		return variant{path: list("q", `user.name:*`+row[0]+`*`), args: []any{row[0]}}
	})
}
