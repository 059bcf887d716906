//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// searchOptions say what to measure of session search.
type searchOptions struct {
	spsd     string
	sessions int    // at the larger size; the smaller is a tenth
	rounds   int    // requests of each query that are timed
	keep     string // directory for the data; empty for one that is deleted
	only     []string
}

// walkName is that of the walk through all sessions, among the searches.
const walkName = "walk in a snapshot"

// picks tells whether a query is to be measured: when its name holds a piece of
// those that are, as names have blanks and commas.
func (o searchOptions) picks(name string) bool {
	return len(o.only) == 0 || slices.ContainsFunc(o.only, func(piece string) bool { return strings.Contains(name, piece) })
}

// picked are the searches to measure.
func (o searchOptions) picked() []search {
	return slices.DeleteFunc(slices.Clone(searches), func(q search) bool { return !o.picks(q.name) })
}

func fullSearch() searchOptions  { return searchOptions{sessions: 1_000_000, rounds: 15} }
func quickSearch() searchOptions { return searchOptions{sessions: 4000, rounds: 3} }

func (o searchOptions) sizes() []int { return []int{max(o.sessions/10, 1), o.sessions} }

func commandSearch(ctx context.Context, o searchOptions) error {
	r, err := runSearch(ctx, o)
	if err != nil {
		return err
	}
	return r.print(os.Stdout)
}

// searchPatience bounds a run: a million sessions take minutes to make up.
const searchPatience = 4 * time.Hour

// sized is what a run found out at one size.
type sized struct {
	loaded
	figures []figure // of the searches that are picked, in their order
	walk    walked   // empty when it is not
	rest    resident // after all queries, before the walk
}

// runSearch measures session search at both sizes. Besides the data, if that is
// to be kept, it leaves no files, and no processes.
func runSearch(ctx context.Context, o searchOptions) (r searchReport, err error) {
	ctx, cancel := context.WithTimeout(ctx, searchPatience)
	defer cancel()
	if len(o.picked()) == 0 && !o.picks(walkName) {
		return r, fmt.Errorf("no query is called %q", o.only)
	}
	before, err := lookAtMachine()
	if err != nil {
		return r, err
	}
	b := &bench{}
	if b.spsd, err = filepath.Abs(o.spsd); err != nil {
		return r, err
	}
	if b.dir, err = os.MkdirTemp("", "spsd-bench-"); err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	say("building the floors")
	if err := build(ctx, b.dir+"/", "tests/bench/floors/..."); err != nil {
		return r, err
	}
	r.searchOptions = o
	for _, sessions := range o.sizes() {
		s, err := b.searchSize(ctx, o, sessions)
		if err != nil {
			return r, fmt.Errorf("with %s sessions: %w", count(float64(sessions)), err)
		}
		r.sizes = append(r.sizes, s)
	}
	after, err := lookAtMachine()
	r.machine = after.since(before)
	return r, err
}

func (b *bench) searchSize(ctx context.Context, o searchOptions, sessions int) (s sized, err error) {
	if s.loaded, err = b.loadSessions(ctx, o.keep, sessions); err != nil {
		return s, err
	}
	// Started first, spsd brings a file that was kept to the newest layout.
	d, err := b.serve(ctx, plain)
	if err != nil {
		return s, err
	}
	defer d.stop()
	a, err := b.startAsker(ctx)
	if err != nil {
		return s, err
	}
	defer a.stop()
	say("looking for words and names to search for among %s sessions", count(float64(sessions)))
	f, err := newFinder(a, o.sizes()[0], warmups+o.rounds)
	if err != nil {
		return s, err
	}
	if f.total != int64(sessions) {
		return s, fmt.Errorf("%s holds %d", b.data, f.total)
	}
	for _, q := range o.picked() {
		say("measuring %s", q.name)
		figure, err := b.measureSearch(ctx, q, f, d, o.rounds)
		if err != nil {
			return s, fmt.Errorf("%s: %w", q.name, err)
		}
		s.figures = append(s.figures, figure)
	}
	if s.rest, err = d.resident(); err != nil {
		return s, err
	}
	if !o.picks(walkName) {
		return s, nil
	}
	say("walking through all")
	s.walk, err = walkAll(ctx, d, a, sessions)
	return s, err
}
