//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// iterated is what going through all sessions took, as floors/iterate tells it.
type iterated struct {
	Sessions     int
	Seconds, CPU float64
	Peak         [2]int64
	Length       int64
}

// measureIterate lets the SDK go through all sessions, with bodies, between two
// programs that read and decode the same by hand.
func (b *bench) measureIterate(ctx context.Context) ([]row, error) {
	d, err := b.serve(ctx, plain)
	if err != nil {
		return nil, err
	}
	defer d.stop()
	if _, err := b.iterate(ctx, d, "-hand"); err != nil { // so that none has to wait for the disk
		return nil, err
	}
	var rates, cpus []float64
	var ours, floor iterated
	for range b.rounds {
		before, err := b.iterate(ctx, d, "-hand")
		if err != nil {
			return nil, err
		}
		if ours, err = b.iterate(ctx, d); err != nil {
			return nil, err
		}
		if floor, err = b.iterate(ctx, d, "-hand"); err != nil {
			return nil, err
		}
		if ours.Length != floor.Length {
			return nil, fmt.Errorf("the two read different things: %d and %d", ours.Length, floor.Length)
		}
		rates = append(rates, (before.Seconds+floor.Seconds)/2/ours.Seconds)
		cpus = append(cpus, (before.CPU+floor.CPU)/2/ours.CPU)
	}
	flat := float64(ours.Peak[1]) <= growth*float64(ours.Peak[0])
	return []row{{
		what: fmt.Sprintf("SDK: iterate %s sessions, %s", count(float64(b.sessions)), plain), ours: ours.String(), floor: floor.String(),
		rate: median(rates), cpu: median(cpus), bar: atMost("1.3 x the time", 1/median(rates), 1.3) + "; " + verdict("flat", flat),
		notes: "ratios are the client's; peak RSS at half -> at the end; floor: net/http and plain structs, nothing checked",
	}}, nil
}

func (i iterated) String() string {
	return fmt.Sprintf("%s  %s CPU  %s -> %s", duration(i.Seconds), duration(i.CPU), size(i.Peak[0]), size(i.Peak[1]))
}

func (b *bench) iterate(ctx context.Context, d *daemon, args ...string) (i iterated, err error) {
	args = append([]string{"-url", d.url.String(), "-sessions", fmt.Sprint(b.sessions)}, args...)
	raw, _, err := execute(ctx, b.floor("iterate"), args...)
	if err == nil {
		err = json.Unmarshal(raw, &i)
	}
	if err == nil && i.Sessions != b.sessions {
		err = fmt.Errorf("found %d sessions", i.Sessions)
	}
	return i, err
}
