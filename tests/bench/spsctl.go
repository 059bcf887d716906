//go:build linux

package main

import "context"

// measureSpsctl times spsctl from exec to its end when there is nothing to do, which is
// what each command takes before it does anything.
func (b *bench) measureSpsctl(ctx context.Context) ([]row, error) {
	var ours, floors, ratios, cpus []float64
	for range b.runs {
		before, err := b.runHello(ctx)
		if err != nil {
			return nil, err
		}
		_, one, err := execute(ctx, b.floor("spsctl"), "version")
		if err != nil {
			return nil, err
		}
		after, err := b.runHello(ctx)
		if err != nil {
			return nil, err
		}
		ours = append(ours, one.wall.Seconds())
		floors = append(floors, before.wall.Seconds(), after.wall.Seconds())
		ratios = append(ratios, 2*one.wall.Seconds()/(before.wall+after.wall).Seconds())
		cpus = append(cpus, (before.cpu+after.cpu).Seconds()/2/one.cpu.Seconds())
	}
	return []row{{
		what: "spsctl version", ours: duration(median(ours)), floor: duration(median(floors)),
		rate: 1 / median(ratios), cpu: median(cpus), bar: atMost("3.0 x the time", median(ratios), 3),
		notes: "from exec to its end; floor: a Go program that prints a line",
	}}, nil
}

func (b *bench) runHello(ctx context.Context) (outcome, error) {
	_, o, err := execute(ctx, b.floor("hello"), "")
	return o, err
}
