//go:build linux

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"
	"text/tabwriter"
)

// searchReport is what a run found out about session search.
type searchReport struct {
	searchOptions
	sizes   []sized // the smaller first
	machine string
}

// The bars of session search, and what a user should not have to wait for.
const (
	sqlTimes  = 1.5   // by how much a page may take longer than its SQL,
	sqlPlus   = 0.002 // and so many seconds on top
	maxGrowth = 2.0   // for ten times as many sessions
	slow      = 0.25  // seconds
)

// print writes the report as plain text. The table of figures is the last.
func (r searchReport) print(w io.Writer) error {
	fmt.Fprintf(w, "Session search beside SQL written by hand: %d CPUs, %s, %s/%s. One request at a time, over HTTP on the loopback; medians of %d\n"+
		"after %d that are compared with what the SQL finds. Pages are limit=500&fields=*. The SQL is the fastest of several statements, run next to\n"+
		"each request in a process of its own, on the same file, by the same driver, with all rows, documents and match_count (up to 10,000) read.\n\n",
		runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, r.rounds, warmups)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(columns ...string) { fmt.Fprintln(t, strings.Join(columns, "\t")) }
	line("SESSIONS", "LOADED", "IN", "RATE", "CPU EACH", "DATABASE", "EACH", "ON DISK", "EACH")
	for _, s := range r.sizes {
		line(s.columns()...)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	larger := r.sizes[len(r.sizes)-1]
	line("QUERY", "ONE OF THE REQUESTS", "THEY DIFFER")
	for i, q := range r.picked() {
		line(q.name, larger.figures[i].asked(), larger.figures[i].differ(q))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	heads := []string{"QUERY"}
	for _, s := range r.sizes {
		heads = append(heads, "OF "+count(float64(s.Sessions)), "SQL", "HTTP", "RATIO")
	}
	line(append(heads, "GROWTH", "BAR: 1.5 x SQL + 2 ms", "BAR: GROWTH <= 2")...)
	for i, q := range r.picked() {
		line(r.searchColumns(i, q)...)
	}
	if r.picks(walkName) {
		line(r.walkColumns()...)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, s := range r.sizes {
		fmt.Fprintln(w, r.memory(s))
	}
	for _, l := range r.slowOnes() {
		fmt.Fprintln(w, l)
	}
	fmt.Fprintf(w, "\n%s\n", r.machine)
	return r.failures()
}

func (r searchReport) memory(s sized) string {
	words := fmt.Sprintf("Memory of spsd with %s sessions: %s after the queries", count(float64(s.Sessions)), size(s.rest.now))
	if !r.picks(walkName) {
		return words + "."
	}
	halves := s.walk.halves
	return fmt.Sprintf("%s; over the walk %s -> %s (peak %s) -> %s (peak %s). %s.", words, size(s.walk.before.now),
		size(halves[0].now), size(halves[0].peak), size(halves[1].now), size(halves[1].peak),
		verdict("Flat", s.walk.failed == nil && s.walk.flat()))
}

// asked is one of the requests for people to read, without what they have in
// common.
func (f figure) asked() string {
	readable, err := url.QueryUnescape(strings.ReplaceAll(strings.TrimPrefix(f.path, "/api/audit/sessions"), "fields=%2A&limit=500", ""))
	if err != nil {
		return f.path
	}
	return cmp.Or(strings.TrimRight(strings.NewReplacer("?&", "?", "&&", "&").Replace(readable), "?&"), "no conditions")
}

// differ says how the requests differ, and whether answers were given twice.
func (f figure) differ(q search) string {
	if f.repeat == 0 || f.path == "" {
		return q.varied
	}
	return fmt.Sprintf("%s; %d of %d had been asked for before", q.varied, f.repeat, f.answers)
}

func (r searchReport) searchColumns(i int, q search) []string {
	columns := []string{q.name}
	failed, within := false, true
	for _, s := range r.sizes {
		f := s.figures[i]
		if f.failed != nil {
			columns = append(columns, f.selects(), "-", "FAILED", "-")
			failed = true
			continue
		}
		columns = append(columns, f.selects(), duration(f.sql), duration(f.http), ratio(f.http/f.sql))
		within = within && f.http <= sqlTimes*f.sql+sqlPlus
	}
	grown := r.sizes[len(r.sizes)-1].figures[i].http / r.sizes[0].figures[i].http
	if failed {
		return append(columns, "-", met(false), met(false))
	}
	columns = append(columns, ratio(grown))
	if !q.indexed {
		return append(columns, "-", "-")
	}
	return append(columns, met(within), r.grown(grown))
}

// grown says whether growth meets its bar. With fewer sessions than a list
// reaches, the smaller size has less to find, and growth says nothing.
func (r searchReport) grown(by float64) string {
	if r.sizes[0].Sessions < 10_000 {
		return "too few sessions"
	}
	return met(by <= maxGrowth)
}

func met(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

// selects is how many sessions the requests select.
func (f figure) selects() string {
	if f.fewest == f.most {
		return count(float64(f.most))
	}
	return count(float64(f.fewest)) + " to " + count(float64(f.most))
}

// walkColumns grow by the page: that there are more of them is no fault.
func (r searchReport) walkColumns() []string {
	columns := []string{walkName}
	var each []float64
	for _, s := range r.sizes {
		if s.walk.failed != nil {
			columns = append(columns, count(float64(s.Sessions)), duration(s.walk.sql), "FAILED", "-")
			continue
		}
		columns = append(columns, count(float64(s.Sessions)), duration(s.walk.sql), duration(s.walk.http), ratio(s.walk.http/s.walk.sql))
		each = append(each, s.walk.http/float64(s.walk.pages))
	}
	if len(each) < len(r.sizes) {
		return append(columns, "-", "-", "MISSED")
	}
	grown := each[len(each)-1] / each[0]
	return append(columns, ratio(grown)+" a page", "-", r.grown(grown))
}

// slowOnes name the queries that take longer than a user should wait.
func (r searchReport) slowOnes() (lines []string) {
	larger := r.sizes[len(r.sizes)-1]
	for i, q := range r.picked() {
		if f := larger.figures[i]; f.failed == nil && f.http > slow {
			lines = append(lines, fmt.Sprintf("Slow with %s sessions: %s takes %s (by hand %s): %s.",
				count(float64(larger.Sessions)), q.name, duration(f.http), duration(f.sql), q.slow))
		}
	}
	return lines
}

// failures are what spsd did not answer, or not as the SQL does.
func (r searchReport) failures() error {
	var all []error
	for _, s := range r.sizes {
		for i, q := range r.picked() {
			if err := s.figures[i].failed; err != nil {
				all = append(all, fmt.Errorf("%s of %s: %w", q.name, count(float64(s.Sessions)), err))
			}
		}
		if s.walk.failed != nil {
			all = append(all, fmt.Errorf("walk through %s: %w", count(float64(s.Sessions)), s.walk.failed))
		}
	}
	return errors.Join(all...)
}
