//go:build linux

package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRun runs every measurement, as small as it goes: it shows that they work,
// not how fast anything is.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds spsd and starts it a dozen times")
	}
	o := quickOptions()
	o.spsd = filepath.Join(t.TempDir(), "spsd")
	o.sessions, o.trailMiB = 600, 8
	o.round, o.rest = 20*time.Millisecond, 0
	if err := build(t.Context(), o.spsd, "server/cmd/spsd"); err != nil {
		t.Fatal(err)
	}
	r, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"seed 600 sessions", "GET one session, HTTP ", "GET one session, HTTPS", "validating", "page of 500, fields=*, HTTP ",
		"page of 500, fields=*, HTTPS", "memory, 16 clients page", "trail of 8.0 MiB, HTTP ", "trail of 8.0 MiB, HTTPS",
		"trail by sendfile", "SDK downloads 8.0 MiB, HTTP ", "SDK downloads 8.0 MiB, HTTP, to a file",
		"SDK downloads 8.0 MiB, HTTPS",
		"start with 600 sessions", "start on nothing", "memory at rest", "SDK: iterate 600 sessions", "spsctl version",
	} {
		if !strings.Contains(text.String(), "\n"+want) {
			t.Errorf("the table has no line that begins with %q", want)
		}
	}
	if t.Failed() {
		t.Log(text.String())
	}
}

func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{{"-only", "everything"}, {"-sessions", "many"}, {"-unknown"}} {
		if err := command(t.Context(), args); err == nil {
			t.Errorf("bench %s: no error", strings.Join(args, " "))
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 4}, 4}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	rounds := func(rates ...int) *target {
		t := &target{}
		for _, r := range rates {
			t.samples = append(t.samples, sample{requests: r, elapsed: time.Second, cpu: time.Second})
		}
		return t
	}
	// The floor gets slower from round to round; each round of ours is half of
	// what lies around it.
	floor := rounds(100, 80, 60, 40)
	c := comparison{ours: rounds(45, 35, 25), floors: []*target{floor}}
	if got := c.rate(floor); got != 0.5 {
		t.Errorf("rate %v, want 0.5", got)
	}
}
