//go:build linux

// Command bench measures spsd beside its floors, each of them a process of its
// own on the loopback, and prints one table. The floors, in floors/, do what
// spsd does at that point and nothing else. It reads /proc, so it runs on Linux.
// With -search it measures session search instead, beside SQL written by hand.
//
// It knows spsd only from outside: the binary's commands, the API, and for one
// floor the tables of the database file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options say what to measure, and for how long.
type options struct {
	spsd     string
	sessions int
	trailMiB int
	round    time.Duration // length of one round of load
	rounds   int           // rounds of spsd, each between two of the floors
	starts   int           // starts of each kind
	runs     int           // runs of spsctl, each between two of the floor
	rest     time.Duration // what memory at rest is given to settle
	only     []string      // names of measurements; empty for all
}

// fullOptions are what make bench uses, quickOptions what proves that every
// measurement works, and says nothing about speed.
func fullOptions() options {
	return options{
		sessions: 100_000, trailMiB: 1024, round: 2 * time.Second,
		rounds: 5, starts: 7, runs: 101, rest: 300 * time.Millisecond,
	}
}

func quickOptions() options {
	return options{
		sessions: 2000, trailMiB: 16, round: 100 * time.Millisecond,
		rounds: 1, starts: 1, runs: 1, rest: 50 * time.Millisecond,
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	spsd := set.String("spsd", ".bin/spsd", "the binary to measure")
	quick := set.Bool("quick", false, "small and short: shows that all of it works, and nothing about speed")
	search := set.Bool("search", false, "measure session search, and nothing else")
	keep := set.String("keep", "", "with -search: directory that keeps the sessions for the next run")
	sessions := set.Int("sessions", 0, "how many sessions (default 100000; with -search 1000000, and a tenth of them)")
	seconds := set.Float64("seconds", 0, "length of one round of load (default 2)")
	trail := set.Int("trail-mib", 0, "size of the trail (default 1024)")
	only := set.String("only", "", "what to measure: a comma list of "+strings.Join(names(), ", ")+"; with -search, of pieces of queries' names")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *search {
		so := fullSearch()
		if *quick {
			so = quickSearch()
		}
		so.spsd, so.keep = *spsd, *keep
		if *sessions > 0 {
			so.sessions = *sessions
		}
		if *only != "" {
			so.only = strings.Split(*only, ",")
		}
		return commandSearch(ctx, so)
	}
	o := fullOptions()
	if *quick {
		o = quickOptions()
	}
	o.spsd = *spsd
	if *sessions > 0 {
		o.sessions = *sessions
	}
	if *seconds > 0 {
		o.round = time.Duration(*seconds * float64(time.Second))
	}
	if *trail > 0 {
		o.trailMiB = *trail
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("there is nothing called %q to measure", name)
		}
	}
	r, err := run(ctx, o)
	if err != nil {
		return err
	}
	return r.print(os.Stdout)
}
