//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
)

// row is one line of the table. Ratios are how good spsd is, the floor being 1;
// 0 stands for none.
type row struct {
	what, ours, floor string
	rate, cpu         float64
	bar               string
	notes             string
}

// report is what a run found out.
type report struct {
	options
	rows    []row
	machine string // what the machine did besides
}

// print writes the report as plain text.
func (r report) print(w io.Writer) error {
	fmt.Fprintf(w, "spsd beside its floors: %d CPUs, %s, %s/%s. Rounds of %s, %d of spsd, each between two of the floor; medians.\n",
		runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, r.round, r.rounds)
	fmt.Fprintf(w, "%d connections that are kept (1 for trails), on the loopback, clients on the same CPUs. spsd runs with --log-level warn:\n", connections)
	fmt.Fprintf(w, "at info, its default, it also logs each request. Ratios are how good spsd is, the floor being 1: by requests, and by the server's\n"+
		"own CPU time, which leaves out what the clients take; for the SDK, a client itself, by its own.\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WHAT\tOURS\tFLOOR\tREQ/S\tCPU\tBAR\tNOTES")
	for _, r := range r.rows {
		fmt.Fprintln(t, strings.Join([]string{r.what, r.ours, r.floor, ratio(r.rate), ratio(r.cpu), r.bar, r.notes}, "\t"))
	}
	err := t.Flush()
	fmt.Fprintf(w, "\n%s\n", r.machine)
	return err
}

// atLeast is a bar for a ratio.
func atLeast(bar, ratio float64) string { return verdict(fmt.Sprintf(">= %.1f", bar), ratio >= bar) }

// atMost is a bar for something that words name in its own unit.
func atMost(words string, value, bar float64) string { return verdict("<= "+words, value <= bar) }

func verdict(bar string, met bool) string {
	if met {
		return bar + ": met"
	}
	return bar + ": MISSED"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func ratio(r float64) string {
	if r == 0 || math.IsNaN(r) || math.IsInf(r, 0) {
		return "-"
	}
	return fmt.Sprintf("%.2f", r)
}

// count is a number without fractions, and with commas.
func count(n float64) string {
	s := strconv.FormatFloat(n, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func duration(seconds float64) string {
	switch {
	case seconds < 0.001:
		return fmt.Sprintf("%.1f us", seconds*1e6)
	case seconds < 1:
		return fmt.Sprintf("%.2f ms", seconds*1e3)
	default:
		return fmt.Sprintf("%.2f s", seconds)
	}
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	default:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	}
}
