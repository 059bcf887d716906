package storetest

import (
	"cmp"
	"flag"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

var searchTests = []test{
	{"pages and counts are what the filter means", func(t *testing.T, s store.Store) {
		sessions := storedSessions(t, s, 120)
		check(t, func(rt *rapid.T) { checkPage(rt, s, sessions) })
	}},
	{"terms and bins are what the filter means", func(t *testing.T, s store.Store) {
		sessions := storedSessions(t, s, 120)
		check(t, func(rt *rapid.T) { checkAggregates(rt, s, sessions) })
	}},
	{"wide and deep expressions are answered", testWideAndDeep},
	{"a word pattern that stands for too much is refused", testTooManyWords},
	{"snapshots do not change", func(t *testing.T, s store.Store) {
		run := 0
		check(t, func(rt *rapid.T) {
			run++
			checkSnapshots(rt, s, fmt.Sprintf("r%d-", run))
		})
	}},
}

// check runs a property, of which rapid says how often.
func check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	if checks := flag.Lookup("rapid.checks"); raceDetector && checks.Value.String() == checks.DefValue {
		noErr(t, checks.Value.Set("10"))
		defer func() { noErr(t, checks.Value.Set(checks.DefValue)) }()
	}
	rapid.Check(t, property)
}

func storedSessions(t *testing.T, s store.Store, n int) []store.Session {
	t.Helper()
	sessions := manySessions(n)
	put(t, s, sessions...)
	return sessions
}

// matching returns the sessions that a filter selects, in the order of the page.
func matching(sessions []store.Session, f store.Filter, sort []store.Order) []store.Session {
	var all []store.Session
	for i := range sessions {
		if selects(f, &sessions[i]) {
			all = append(all, sessions[i])
		}
	}
	slices.SortFunc(all, func(a, b store.Session) int {
		for _, o := range sort {
			if c := compareValues(valueOf(&a, o.Field), valueOf(&b, o.Field), o.Descending); c != 0 {
				return c
			}
		}
		return b.Start.Compare(a.Start)
	})
	return all
}

func keysOf(sessions []store.Session) []string {
	keys := make([]string, len(sessions))
	for i := range sessions {
		keys[i] = sessions[i].Key
	}
	return keys
}

func checkPage(t *rapid.T, s store.Store, sessions []store.Session) {
	p := store.Page{
		Filter: filters(sessions).Draw(t, "filter"), Sort: orders.Draw(t, "sort"),
		Offset: rapid.IntRange(0, 20).Draw(t, "offset"), Limit: rapid.IntRange(1, 40).Draw(t, "limit"),
		Bodies: rapid.Bool().Draw(t, "bodies"),
	}
	want := matching(sessions, p.Filter, p.Sort)
	limit := rapid.IntRange(0, 150).Draw(t, "count limit")
	n, err := s.CountSessions(t.Context(), p.Filter, limit)
	if err != nil || n != min(len(want), limit) {
		t.Fatalf("%s: counted %d of at most %d, %v; want %d", query.Format(p.Filter.Expr), n, limit, err, len(want))
	}
	if p.Filter.Expr != nil {
		one := &sessions[rapid.IntRange(0, len(sessions)-1).Draw(t, "session")]
		selected := selects(store.Filter{Expr: p.Filter.Expr}, one)
		if got, err := s.SessionMatches(t.Context(), one.Key, p.Filter.Expr); got != selected || err != nil {
			t.Fatalf("%s: selects %s: %t, %v", query.Format(p.Filter.Expr), one.Key, got, err)
		}
	}
	got := drawPage(t, s, p)
	page := want[min(p.Offset, len(want)):min(p.Offset+p.Limit, len(want))]
	if d := gocmp.Diff(keysOf(page), got); d != "" {
		t.Fatalf("%s: -want +got:\n%s", query.Format(p.Filter.Expr), d)
	}
}

func drawPage(t *rapid.T, s store.Store, p store.Page) []string {
	keys := []string{}
	err := s.WalkSessions(t.Context(), p, func(key string, body []byte) error {
		if p.Bodies != strings.Contains(string(body), fmt.Sprintf("%q", key)) {
			t.Fatalf("body of %s: %s", key, body)
		}
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func checkAggregates(t *rapid.T, s store.Store, sessions []store.Session) {
	f := filters(sessions).Draw(t, "filter")
	all := matching(sessions, f, nil)
	field := rapid.SampledFrom(fieldPointers(nil)).Draw(t, "field")
	terms := store.Terms{Field: field, Size: rapid.IntRange(1, 5).Draw(t, "size")}
	if rapid.Bool().Draw(t, "split") {
		terms.Sub = rapid.SampledFrom(fieldPointers(nil)).Draw(t, "sub")
	}
	want := store.TermCounts{Terms: countTerms(all, terms), Total: len(all)}
	for i := range all {
		n := len(valuesOf(&all[i], field))
		want.Other += n
		if n == 0 {
			want.Missing++
		}
	}
	for _, term := range want.Terms {
		want.Other -= term.Count
	}
	got, err := s.CountTerms(t.Context(), f, terms)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want, got, gocmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
		t.Fatalf("%s by %s and %v: -want +got:\n%s", query.Format(f.Expr), field.Path, terms.Sub, d)
	}
	checkBins(t, s, f, all)
}

// countTerms counts each value once a session.
func countTerms(sessions []store.Session, t store.Terms) []store.TermCount {
	var counts []store.TermCount
	groups := map[any][]store.Session{}
	for i := range sessions {
		for _, v := range valuesOf(&sessions[i], t.Field) {
			key := folded(t.Field, v)
			at := slices.IndexFunc(counts, func(c store.TermCount) bool { return folded(t.Field, c.Value) == key })
			if at < 0 {
				counts, at = append(counts, store.TermCount{Value: v}), len(counts)
			}
			counts[at].Count++
			if compareValues(v, counts[at].Value, false) < 0 {
				counts[at].Value = v
			}
			groups[key] = append(groups[key], sessions[i])
		}
	}
	slices.SortFunc(counts, func(a, b store.TermCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), compareValues(a.Value, b.Value, false))
	})
	counts = counts[:min(t.Size, len(counts))]
	for i := range counts {
		if t.Sub != nil {
			counts[i].Sub = countTerms(groups[folded(t.Field, counts[i].Value)], store.Terms{Field: t.Sub, Size: t.Size})
		}
	}
	return counts
}

func checkBins(t *rapid.T, s store.Store, f store.Filter, all []store.Session) {
	field := rapid.SampledFrom(fieldPointers(func(f *query.Field) bool { return f.Type == query.Date })).Draw(t, "date field")
	width := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "width")
	limit := rapid.IntRange(1, 30).Draw(t, "bins")
	byNumber := map[int64]int{}
	for i := range all {
		if at, ok := valueOf(&all[i], field).(time.Time); ok {
			byNumber[at.Unix()/int64(width/time.Second)]++
		}
	}
	var want []store.Bin
	for number, count := range byNumber {
		want = append(want, store.Bin{Number: number, Count: count})
	}
	slices.SortFunc(want, func(a, b store.Bin) int { return cmp.Compare(a.Number, b.Number) })
	got, err := s.CountBins(t.Context(), f, field, width, limit)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want[:min(limit, len(want))], got); d != "" {
		t.Fatalf("%s by %s: -want +got:\n%s", query.Format(f.Expr), field.Path, d)
	}
}

// testWideAndDeep holds the largest expressions that the language has against the
// limits of an engine, beside a field with many values.
func testWideAndDeep(t *testing.T, s store.Store) {
	sessions := manySessions(40)
	for i := range 1200 {
		v := values{"user.name": fmt.Sprintf("user%04dx", i), "server.name": fmt.Sprintf("w%dx", i%997), "protocol": "SSH"}
		sessions = append(sessions, newSession(fmt.Sprint("u", i), epoch.Add(time.Duration(i)*time.Minute+time.Millisecond), v))
	}
	put(t, s, sessions...)
	most := 512
	if raceDetector {
		most = 64
	}
	user, server := query.FieldAt("user.name"), query.FieldAt("server.name")
	wide := func(leaves ...query.Expr) []query.Expr { return slices.Repeat(leaves, most/len(leaves)) }
	names := make([]query.Expr, most)
	for i := range names {
		names[i] = query.Equal{Field: user, Value: fmt.Sprintf("user%04dx", 2*i)}
	}
	sudo := query.Words{Words: []string{"sudo"}}
	deep := query.Expr(sudo)
	for i := range 64 {
		deep = query.Not{Expr: query.Or{query.Words{Words: []string{vocabulary[i%len(vocabulary)]}}, query.Not{Expr: query.And{sudo, deep}}}}
	}
	patterns := query.And{
		query.Pattern{Field: user, Glob: "*x*"}, query.Pattern{Field: server, Glob: "?*x"}, query.Not{Expr: query.Pattern{Field: server, Glob: "*9*"}},
	}
	bare := query.Or{query.Equal{Field: user, Value: "user0007x"}, query.Equal{Field: server, Value: "w7x"}, sudo}
	for name, e := range map[string]query.Expr{
		"OR of names":      query.Or(names),
		"OR of all":        query.Or(wide(names[0], sudo, query.Exists{Field: query.FieldAt("vault.ticket_number")}, query.Range{Field: user, From: &query.Bound{Value: "user1190x"}})),
		"AND of ORs":       query.And(slices.Repeat([]query.Expr{bare}, most/3)),
		"AND of NOTs":      query.And(wide(query.Not{Expr: sudo}, query.Not{Expr: names[1]})),
		"nested":           deep,
		"values":           patterns,
		"values and names": append(query.And{query.Or(names[:30])}, patterns...),
	} {
		f := store.Filter{Expr: e}
		want := matching(sessions, f, nil)
		n, err := s.CountSessions(t.Context(), f, 10_000)
		if err != nil || n != len(want) {
			t.Errorf("%s: counted %d, %v; want %d", name, n, err, len(want))
			continue
		}
		diff(t, keysOf(want[:min(50, len(want))]), append([]string{}, walk(t, s, store.Page{Filter: f, Limit: 50})...))
		counts, err := s.CountTerms(t.Context(), f, store.Terms{Field: query.FieldAt("analytics.tags"), Size: 5})
		noErr(t, err)
		diff(t, len(want), counts.Total)
	}
}

func testTooManyWords(t *testing.T, s store.Store) {
	session := newSession("a", epoch, nil)
	words := make([]string, 1025)
	for i := range words {
		words[i] = fmt.Sprintf("w%04dx", i)
	}
	session.Text.Screen = strings.Join(words, " ")
	put(t, s, session)
	for _, test := range []struct {
		e    query.Expr
		want error
	}{
		{query.WordPattern{Glob: "w*x"}, store.ErrTooManyWords},
		{query.SimilarWord{Word: "w0000x", Edits: 2}, nil},
		{query.WordPattern{Glob: "w?00?x"}, nil},
		{query.Words{Words: []string{"w"}, Prefix: true}, nil},
	} {
		f := store.Filter{Expr: test.e}
		n, err := s.CountSessions(t.Context(), f, 10)
		wantErr(t, err, test.want)
		if test.want == nil {
			diff(t, 1, n)
		}
		wantErr(t, s.WalkSessions(t.Context(), store.Page{Filter: f, Limit: 1}, func(string, []byte) error { return nil }), test.want)
		_, err = s.CountTerms(t.Context(), f, store.Terms{Field: query.FieldAt("protocol"), Size: 1})
		wantErr(t, err, test.want)
		_, err = s.CountBins(t.Context(), f, query.FieldAt("start_time"), time.Hour, 1)
		wantErr(t, err, test.want)
	}
}
