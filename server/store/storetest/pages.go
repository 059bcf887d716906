package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

var pageTests = []test{
	{"an empty store has empty pages", func(t *testing.T, s store.Store) {
		for _, bodies := range []bool{false, true} {
			diff(t, 0, len(walk(t, s, store.Page{Limit: 10, Bodies: bodies})))
			diff(t, 0, len(walk(t, s, store.Page{Limit: 10, Offset: 5, Bodies: bodies})))
		}
		wantCount(t, s, 0)
	}},
	{"newest start first, to the millisecond", func(t *testing.T, s store.Store) {
		want := []string{"new", "mid", "old", "ancient", "first"}
		put(t, s, newSession("mid", epoch, nil),
			newSession("ancient", time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC), nil),
			newSession("new", epoch.Add(time.Millisecond), nil),
			newSession("first", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), nil),
			newSession("old", epoch.Add(-time.Millisecond), nil))
		for _, bodies := range []bool{false, true} {
			diff(t, want, walk(t, s, store.Page{Limit: 10, Bodies: bodies}))
		}
	}},
	{"times far away are kept", func(t *testing.T, s store.Store) {
		far := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
		put(t, s, newSession("far", far, values{"end_time": far}), newSession("near", epoch, values{"end_time": epoch}),
			newSession("one", time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), nil))
		diff(t, []string{"far", "near", "one"}, walk(t, s, store.Page{Limit: 10}))
		diff(t, []string{"far", "near"}, walk(t, s, store.Page{Limit: 10, Filter: store.Filter{EndTo: far}}))
		diff(t, []string{"far"}, walk(t, s, store.Page{Limit: 10, Filter: store.Filter{StartFrom: far}}))
		diff(t, 0, len(walk(t, s, store.Page{Limit: 10, Filter: store.Filter{EndTo: far.AddDate(-9998, 0, 0)}})))
	}},
	{"pages join without gap or repetition", func(t *testing.T, s store.Store) {
		put(t, s, manySessions(100)...)
		for _, p := range []store.Page{
			{},
			{Bodies: true},
			{Filter: store.Filter{StartFrom: epoch}},
			{Filter: store.Filter{StartFrom: epoch}, Bodies: true},
			{Sort: []store.Order{{Field: query.FieldAt("protocol")}}},
			{Sort: []store.Order{{Field: query.FieldAt("protocol"), Descending: true}}, Bodies: true},
		} {
			p.Limit = 1000
			all := walk(t, s, p)
			diff(t, 100, len(all))
			var joined []string
			for p.Limit, p.Offset = 7, 0; p.Offset < 100; p.Offset += p.Limit {
				joined = append(joined, walk(t, s, p)...)
			}
			diff(t, all, joined)
			p.Offset = 100
			diff(t, 0, len(walk(t, s, p)))
			p.Offset, p.Limit = 0, 0
			diff(t, 0, len(walk(t, s, p)))
		}
	}},
	{"bodies come with their keys, and only when asked for", func(t *testing.T, s store.Store) {
		put(t, s, manySessions(20)...)
		for _, p := range []store.Page{
			{Limit: 30},
			{Limit: 30, Filter: store.Filter{StartFrom: epoch}},
			{Limit: 30, Sort: []store.Order{{Field: query.FieldAt("client.ip")}}},
		} {
			for _, p.Bodies = range []bool{false, true} {
				noErr(t, s.WalkSessions(t.Context(), p, func(key string, body []byte) error {
					if !p.Bodies {
						diff(t, true, body == nil)
						return nil
					}
					diff(t, bodyOf(key, "", store.Links{}), string(body))
					return nil
				}))
			}
		}
	}},
	{"a walk ends when fn fails", func(t *testing.T, s store.Store) {
		put(t, s, manySessions(5)...)
		enough, calls := errors.New("enough"), 0
		err := s.WalkSessions(t.Context(), store.Page{Limit: 5}, func(string, []byte) error {
			calls++
			return enough
		})
		if err != enough { //nolint:errorlint // as it is
			t.Fatalf("error %v, want fn's", err)
		}
		diff(t, 1, calls)
	}},
	{"a walk ends when its context does", func(t *testing.T, s store.Store) {
		put(t, s, manySessions(500)...)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cancel()
		err := s.WalkSessions(ctx, store.Page{Limit: 500, Bodies: true}, func(string, []byte) error { return nil })
		wantErr(t, err, context.Canceled)
	}},
	{"filters include their bounds, to the microsecond", func(t *testing.T, s store.Store) {
		us := time.Microsecond
		put(t, s,
			newSession("a", epoch, values{"end_time": epoch.Add(10 * us)}),
			newSession("b", epoch.Add(us), values{"end_time": epoch.Add(11 * us)}),
			newSession("c", epoch.Add(time.Hour), values{"end_time": epoch.Add(2 * time.Hour)}),
			newSession("active", epoch.Add(time.Minute), values{"active": true}),
			newSession("backwards", epoch.Add(3*time.Hour), values{"end_time": epoch.Add(-time.Hour)}))
		for _, f := range []struct {
			from, to time.Duration
			want     []string
		}{
			{-us, 0, []string{"active", "a", "b", "backwards", "c"}},
			{0, 0, []string{"active", "a", "b", "backwards", "c"}},
			{us, 0, []string{"active", "b", "backwards", "c"}},
			{2 * us, 0, []string{"active", "backwards", "c"}},
			{time.Hour, 0, []string{"backwards", "c"}},
			{-us, 10 * us, []string{"a", "backwards"}},
			{-us, 11 * us, []string{"a", "b", "backwards"}},
			{-us, 9 * us, []string{"backwards"}},
			{-us, 2 * time.Hour, []string{"a", "b", "backwards", "c"}},
			{us, 2*time.Hour - us, []string{"b", "backwards"}},
			{4 * time.Hour, 5 * time.Hour, nil},
		} {
			filter := store.Filter{StartFrom: epoch.Add(f.from)}
			if f.to != 0 {
				filter.EndTo = epoch.Add(f.to)
			}
			wantMatches(t, s, filter, f.want)
		}
		wantMatches(t, s, store.Filter{EndTo: epoch.Add(-time.Hour)}, []string{"backwards"})
		wantMatches(t, s, store.Filter{EndTo: epoch.Add(10 * us)}, []string{"a", "backwards"})
	}},
	{"a count goes no further than its limit", func(t *testing.T, s store.Store) {
		put(t, s, manySessions(20)...)
		for _, f := range []store.Filter{{}, {StartFrom: epoch}} {
			for limit, want := range map[int]int{0: 0, 1: 1, 19: 19, 20: 20, 21: 20} {
				got, err := s.CountSessions(t.Context(), f, limit)
				noErr(t, err)
				diff(t, want, got)
			}
		}
	}},
	{"sorts by every scalar field, missing values last", testSorts},
	{"sorts by several fields", func(t *testing.T, s store.Store) {
		sessions := manySessions(60)
		put(t, s, sessions...)
		for _, sort := range [][]store.Order{
			{{Field: query.FieldAt("protocol")}, {Field: query.FieldAt("client.port"), Descending: true}},
			{{Field: query.FieldAt("vault.is_emergency"), Descending: true}, {Field: query.FieldAt("verdict")}},
			{{Field: query.FieldAt("active")}, {Field: query.FieldAt("start_time")}},
		} {
			wantSorted(t, s, sessions, sort)
		}
	}},
}

// wantMatches compares what a filter finds with want, as sets: as a page in the
// usual order, sorted, and counted.
func wantMatches(t *testing.T, s store.Store, f store.Filter, want []string) {
	t.Helper()
	for _, p := range []store.Page{
		{},
		{Bodies: true},
		{Sort: []store.Order{{Field: query.FieldAt("user.name")}}},
		{Sort: []store.Order{{Field: query.FieldAt("vault.account_id")}}, Bodies: true},
	} {
		p.Filter, p.Limit = f, 100
		got := walk(t, s, p)
		slices.Sort(got)
		slices.Sort(want)
		diff(t, want, got)
	}
	n, err := s.CountSessions(t.Context(), f, 100)
	noErr(t, err)
	diff(t, len(want), n)
}
