package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// manySessions makes n sessions that start at different times from epoch on, in
// no order, with values of every type, many of them equal and many missing.
func manySessions(n int) []store.Session {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same every time
	sessions := make([]store.Session, n)
	for i, order := range rnd.Perm(n) {
		v := values{}
		for _, f := range query.Fields {
			if rnd.IntN(4) > 0 && f.Path != "end_time" {
				v[f.Path] = someValue(rnd, &f)
			}
		}
		start := epoch.Add(time.Duration(order) * time.Second)
		v["end_time"] = start.Add(time.Second)
		sessions[i] = newSession(fmt.Sprintf("s%d", i), start, v)
		if rnd.IntN(3) > 0 {
			sessions[i].Content = []byte("[]")
			sessions[i].Text = store.Text{Screen: someText(rnd), Command: someText(rnd), Title: someText(rnd)}
		}
	}
	return sessions
}

// someText makes up to three records of some words.
func someText(rnd *rand.Rand) string {
	var text []byte
	for range rnd.IntN(4) {
		record := make([]string, rnd.IntN(5))
		for i := range record {
			record[i] = vocabulary[rnd.IntN(len(vocabulary))]
		}
		text = query.AppendRecord(text, strings.Join(record, " "))
	}
	return string(text)
}

// sampleValues are values of a field's type, some of which sort in unlike ways.
func sampleValues(f *query.Field) []any {
	switch f.Type {
	case query.Long:
		return []any{int64(-1), int64(0), int64(7), int64(1 << 40), int64(10)}
	case query.Bool:
		return []any{true, false}
	case query.Date:
		all := make([]any, 5)
		for i := range all {
			all[i] = epoch.Add(time.Duration(i-2) * time.Microsecond)
		}
		return all
	case query.IP:
		var all []any
		for _, ip := range []string{"10.0.0.9", "10.0.0.10", "::1", "2001:db8::1", "9.255.0.1"} {
			all = append(all, netip.MustParseAddr(ip))
		}
		return all
	case query.Keyword:
	}
	if f.List {
		return []any{[]string{}, []string{"a"}, []string{"B", "x"}, []string{"ä", ""}, []string{"aa", "a", "aa"}}
	}
	return []any{"", "a", "B", "A", "ä", "aa", "*[a]", "täg"}
}

func someValue(rnd *rand.Rand, f *query.Field) any {
	all := sampleValues(f)
	return all[rnd.IntN(len(all))]
}

func testSorts(t *testing.T, s store.Store) {
	sessions := manySessions(60)
	put(t, s, sessions...)
	for i := range query.Fields {
		if f := &query.Fields[i]; !f.List {
			wantSorted(t, s, sessions, []store.Order{{Field: f}})
			wantSorted(t, s, sessions, []store.Order{{Field: f, Descending: true}})
		}
	}
}

// wantSorted compares the store's order with one that is made here.
func wantSorted(t *testing.T, s store.Store, sessions []store.Session, sort []store.Order) {
	t.Helper()
	sessions = slices.Clone(sessions)
	slices.SortFunc(sessions, func(a, b store.Session) int {
		for _, o := range sort {
			i := slices.IndexFunc(query.Fields, func(f query.Field) bool { return f.Path == o.Field.Path })
			if c := compareValues(a.Values[i], b.Values[i], o.Descending); c != 0 {
				return c
			}
		}
		return b.Start.Compare(a.Start)
	})
	var want []string
	for _, session := range sessions {
		want = append(want, session.Key)
	}
	got := walk(t, s, store.Page{Sort: sort, Limit: len(want) + 1, Bodies: sort[0].Descending})
	if !slices.Equal(want, got) {
		t.Errorf("sorted by %s, descending %t:\nwant %v\n got %v", sort[0].Field.Path, sort[0].Descending, want, got)
	}
}

func compareValues(a, b any, descending bool) int {
	if a == nil || b == nil {
		return cmp.Compare(missing(a), missing(b))
	}
	c := 0
	switch x := a.(type) {
	case string:
		c = strings.Compare(x, b.(string))
	case int64:
		c = cmp.Compare(x, b.(int64))
	case time.Time:
		c = x.Compare(b.(time.Time))
	case bool:
		c = cmp.Compare(rank(x), rank(b.(bool)))
	case netip.Addr:
		x16, y16 := x.As16(), b.(netip.Addr).As16()
		c = bytes.Compare(x16[:], y16[:])
	}
	if descending {
		return -c
	}
	return c
}

func missing(v any) int { return rank(v == nil) }

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}
