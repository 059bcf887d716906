//go:build linux

package main

import (
	"context"
	"slices"
)

// comparison is spsd beside its floors.
type comparison struct {
	ours   *target
	floors []*target
}

// compare loads spsd and floors, all of which get the same requests.
func (b *bench) compare(ctx context.Context, connections int, requests [][]byte, d *daemon, floors ...*process) (*comparison, error) {
	c := &comparison{}
	for _, p := range floors {
		t, err := p.connect(ctx, connections, requests)
		if err != nil {
			return nil, err
		}
		defer t.close()
		c.floors = append(c.floors, t)
	}
	var err error
	if c.ours, err = d.connect(ctx, connections, requests); err != nil {
		return nil, err
	}
	defer c.ours.close()
	return c, c.run(ctx, b.options)
}

// run loads the servers in turn, such that each round of spsd lies between two
// of each floor: what the machine does meanwhile happens to both.
func (c *comparison) run(ctx context.Context, o options) error {
	everybody := append(slices.Clone(c.floors), c.ours)
	for _, t := range everybody { // to warm up
		if _, err := t.load(ctx, o.round/2); err != nil {
			return err
		}
	}
	for range o.rounds {
		if err := c.round(ctx, o, everybody); err != nil {
			return err
		}
	}
	return c.round(ctx, o, c.floors)
}

func (c *comparison) round(ctx context.Context, o options, targets []*target) error {
	for _, t := range targets {
		s, err := t.load(ctx, o.round)
		if err != nil {
			return err
		}
		t.samples = append(t.samples, s)
	}
	return nil
}

// rate is how fast spsd is, the floor being 1: the median over the rounds, each
// beside the mean of the floor's two around it.
func (c *comparison) rate(floor *target) float64 {
	return c.ratio(floor, func(ours, around float64) float64 { return ours / around }, sample.rate)
}

// cpu is the same by the processor time that the server spends.
func (c *comparison) cpu(floor *target) float64 {
	return c.ratio(floor, func(ours, around float64) float64 { return around / ours }, sample.cpuEach)
}

func (c *comparison) ratio(floor *target, of func(ours, around float64) float64, value func(sample) float64) float64 {
	ratios := make([]float64, len(c.ours.samples))
	for i, s := range c.ours.samples {
		ratios[i] = of(value(s), (value(floor.samples[i])+value(floor.samples[i+1]))/2)
	}
	return median(ratios)
}

// typical is the median of one value of a target's rounds.
func (t *target) typical(value func(sample) float64) float64 {
	values := make([]float64, len(t.samples))
	for i, s := range t.samples {
		values[i] = value(s)
	}
	return median(values)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
