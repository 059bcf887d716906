//go:build linux

package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// matching is a word as the full-text index is asked for it.
func matching(word string) string { return `"` + word + `"` }

func (f *finder) words(sessions int64) ([]variant, error) {
	rows, err := f.rows(`SELECT word, n FROM words ORDER BY abs(n - ?1), word LIMIT ?2`, sessions, int64(f.wanted))
	return f.each(rows, err, func(row []string) variant {
		return variant{path: list("content", row[0]), args: []any{matching(row[0])}}
	})
}

func (f *finder) rareWords() ([]variant, error)   { return f.words(f.many / 10) }
func (f *finder) commonWords() ([]variant, error) { return f.words(f.total) }

// wordsOfUsers take the most common word, a month, and one user after the other.
func (f *finder) wordsOfUsers() ([]variant, error) {
	common, err := f.rows(`SELECT word FROM words ORDER BY n DESC, word LIMIT 1`)
	if err != nil || len(common) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("the content has no words"))
	}
	word := common[0][0]
	rows, err := f.rows(`
		SELECT s.user_name, count(*) FROM session_text t CROSS JOIN sessions s ON s.id = t.rowid
		WHERE t.session_text MATCH ?1 AND t.rowid BETWEEN ?2 AND ?3 AND s.end_time <= ?4 AND s.user_name IS NOT NULL
		GROUP BY 1 ORDER BY abs(count(*) - ?5), 1 LIMIT ?6`,
		matching(word), idsFrom(f.from), idsTo(f.to), f.to.UnixMicro(), f.many/400, int64(f.wanted))
	return f.each(rows, err, func(row []string) variant {
		return variant{
			path: list("q", fmt.Sprintf(`user.name:"%s"`, row[0]), "content", word, "start", atTime(f.from), "end", atTime(f.to)),
			args: []any{matching(word), row[0], idsFrom(f.from), idsTo(f.to), f.to.UnixMicro()},
		}
	})
}

// pair is a protocol and a word, and how many sessions have both.
type pair struct {
	protocol, word string
	selects        int64
}

// pairUp pairs the most common words with the two most common protocols. Those
// that meet most come first.
func (f *finder) pairUp() error {
	if f.pairs != nil {
		return nil
	}
	rows, err := f.rows(`
		WITH protocols AS MATERIALIZED (
			SELECT protocol FROM sessions INDEXED BY sessions_facets WHERE protocol IS NOT NULL
			GROUP BY 1 ORDER BY count(*) DESC LIMIT 2)
		SELECT p.protocol, w.word FROM (SELECT word FROM words ORDER BY n DESC, word LIMIT ?1) w, protocols p`, int64(2*f.wanted))
	if err != nil {
		return err
	}
	counted := texts(`t.session_text MATCH ?1 AND s.protocol = ?2 COLLATE NOCASE`).exact()
	for _, row := range rows {
		n, err := f.numbers(counted, matching(row[1]), row[0])
		if err != nil {
			return err
		}
		f.pairs = append(f.pairs, pair{row[0], row[1], n[0]})
	}
	slices.SortStableFunc(f.pairs, func(a, b pair) int { return cmp.Compare(b.selects, a.selects) })
	return nil
}

// meeting are protocols and words that many sessions have both of: every other
// pair, because meetingCounts are those between. The server may remember what it
// counted.
func (f *finder) meeting() ([]variant, error) {
	err := f.pairUp()
	return f.paired("", f.pairs, 2), err
}

func (f *finder) meetingCounts() ([]variant, error) {
	err := f.pairUp()
	return f.paired("/_count", f.pairs[min(1, len(f.pairs)):], 2), err
}

// apart are protocols and words that many sessions have, but few both.
func (f *finder) apart() ([]variant, error) {
	err := f.pairUp()
	fewest := slices.Clone(f.pairs)
	slices.Reverse(fewest)
	return f.paired("", fewest, 1), err
}

func (f *finder) paired(of string, pairs []pair, step int) (variants []variant) {
	for i := 0; i < len(pairs) && len(variants) < f.wanted; i += step {
		p := pairs[i]
		variants = append(variants, variant{
			path:    path(of, "q", "protocol:"+p.protocol, "content", p.word, "limit", "500", "fields", "*"),
			args:    []any{matching(p.word), p.protocol},
			selects: p.selects,
		})
	}
	return variants
}

// protocols ask for more values than there are, one more each time.
func (f *finder) protocols() (variants []variant, err error) {
	for i := range f.wanted {
		size := int64(20 + i)
		variants = append(variants, variant{
			path: path("/stats", "field", "protocol", "size", fmt.Sprint(size)), args: []any{size}, selects: f.total,
		})
	}
	return variants, nil
}

// days are those of a month, which begins a bit later each time.
func (f *finder) days() (variants []variant, err error) {
	for i := range f.wanted {
		from := f.from.Add(time.Duration(i) * 61 * time.Second)
		to := from.Add(month)
		args := []any{from.UnixMicro(), to.UnixMicro(), to.UnixMicro()}
		n, err := f.numbers(`
			SELECT count(*) FROM sessions INDEXED BY sessions_time WHERE start_time BETWEEN ?1 AND ?3 AND end_time <= ?2`, args...)
		if err != nil {
			return nil, err
		}
		variants = append(variants, variant{
			path: path("/histogram", "bin-size", "day", "start", atTime(from), "end", atTime(to)), args: args, selects: n[0],
		})
	}
	return variants, nil
}

func (f *finder) all() ([]variant, error) {
	return []variant{{path: path("/_count"), selects: f.total}}, nil
}
