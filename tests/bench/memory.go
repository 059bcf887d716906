//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
)

// growth is by how much memory may differ and still count as flat.
const growth = 1.1

// measureMemory lets 16 clients page through the newest 10,000 sessions, and
// compares the memory that the second half of that time took with the first's.
func (b *bench) measureMemory(ctx context.Context) ([]row, error) {
	d, err := b.serve(ctx, plain)
	if err != nil {
		return nil, err
	}
	defer d.stop()
	page, err := d.get(ctx, newestPage, http.StatusOK, nil)
	if err != nil {
		return nil, err
	}
	loop, err := b.startLoop(ctx, d, page)
	if err != nil {
		return nil, err
	}
	defer loop.stop()
	var requests [][]byte
	for offset := 0; offset < min(b.sessions, 10_000); offset += 500 {
		requests = append(requests, d.request(fmt.Sprintf("%s&offset=%d", newestPage, offset)))
	}
	floor, _, err := b.memoryUnder(ctx, loop, requests)
	if err != nil {
		return nil, err
	}
	ours, ratio, err := b.memoryUnder(ctx, d.process, requests)
	if err != nil {
		return nil, err
	}
	return []row{{
		what: "memory, 16 clients page, " + string(plain), ours: ours, floor: floor, bar: verdict("flat", ratio <= growth),
		notes: fmt.Sprintf("RSS before -> peak of %s, then of %s more; floor: SQL by hand, newest page only", 2*b.round, 2*b.round),
	}}, nil
}

// memoryUnder describes the memory of a server under load, and tells by how much
// the second half's peak is above the first's.
func (b *bench) memoryUnder(ctx context.Context, p *process, requests [][]byte) (string, float64, error) {
	before, err := p.resident()
	if err != nil {
		return "", 0, err
	}
	t, err := p.connect(ctx, connections, requests)
	if err != nil {
		return "", 0, err
	}
	defer t.close()
	var peaks [2]int64
	for i := range peaks {
		if err := p.forgetPeak(); err != nil {
			return "", 0, err
		}
		if _, err := t.load(ctx, 2*b.round); err != nil {
			return "", 0, err
		}
		r, err := p.resident()
		if err != nil {
			return "", 0, err
		}
		peaks[i] = r.peak
	}
	return fmt.Sprintf("%s -> %s -> %s", size(before.now), size(peaks[0]), size(peaks[1])),
		float64(peaks[1]) / float64(peaks[0]), nil
}
