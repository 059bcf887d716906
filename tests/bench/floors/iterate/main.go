//go:build linux

// Command iterate goes through all sessions of a server, from a snapshot and with
// whole bodies, and tells as JSON what that took: by the SDK, or by hand, which is
// the floor of the SDK. By hand means net/http, encoding/json and plain structs,
// with nothing checked that the SDK checks.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/spskit/spskit/client"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "iterate:", err)
		os.Exit(1)
	}
}

// walk is what going through the sessions took.
type walk struct {
	Sessions int
	Seconds  float64  // of the walk alone
	CPU      float64  // seconds
	Peak     [2]int64 // bytes: up to the half, and up to the end
	Length   int64    // sum of something from each session, so that both must have decoded it

	half int
}

func run(ctx context.Context, args []string) error {
	set := flag.NewFlagSet("iterate", flag.ExitOnError)
	url := set.String("url", "", "the server")
	sessions := set.Int("sessions", 0, "how many it has")
	hand := set.Bool("hand", false, "by hand")
	if err := set.Parse(args); err != nil {
		return err
	}
	w := &walk{half: *sessions / 2}
	before, started := usage(), time.Now()
	through := throughSDK
	if *hand {
		through = byHand
	}
	if err := through(ctx, *url, w); err != nil {
		return err
	}
	after := usage()
	w.Seconds, w.Peak[1] = time.Since(started).Seconds(), after.Maxrss<<10
	w.CPU = seconds(after.Utime) + seconds(after.Stime) - seconds(before.Utime) - seconds(before.Stime)
	return json.NewEncoder(os.Stdout).Encode(w)
}

func (w *walk) count(name string, lasted time.Duration) {
	w.Sessions++
	w.Length += int64(len(name)) + int64(lasted/time.Second)
	if w.Sessions == w.half {
		w.Peak[0] = usage().Maxrss << 10
	}
}

func usage() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

func password() string { return os.Getenv("SPSD_ADMIN_PASSWORD") }

func throughSDK(ctx context.Context, url string, w *walk) error {
	sps, err := client.New(url, client.WithPassword("admin", password()))
	if err != nil {
		return err
	}
	for session, err := range sps.Sessions(ctx, client.SessionQuery{Snapshot: true}) {
		if err != nil {
			return err
		}
		w.count(session.User.Name, session.Duration)
	}
	return nil
}
