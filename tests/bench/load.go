//go:build linux

package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// target is a server under load: its open connections, and what they ask for in
// turn.
type target struct {
	*process
	requests [][]byte
	clients  []*client
	samples  []sample
}

// sample is what one round of load showed.
type sample struct {
	requests int
	elapsed  time.Duration
	cpu      time.Duration // of the server
	median   time.Duration // from request to end of answer
}

// rate is in requests a second.
func (s sample) rate() float64 { return float64(s.requests) / s.elapsed.Seconds() }

// cpuEach and latency are in seconds.
func (s sample) cpuEach() float64 { return s.cpu.Seconds() / float64(s.requests) }
func (s sample) latency() float64 { return s.median.Seconds() }

// stall is how long a server may take for an answer before a run fails.
const stall = time.Minute

// connect opens so many connections to a server.
func (p *process) connect(ctx context.Context, connections int, requests [][]byte) (*target, error) {
	config, err := p.tls()
	if err != nil {
		return nil, err
	}
	t := &target{process: p, requests: requests}
	for range connections {
		c, err := dial(ctx, p.url.Host, config)
		if err != nil {
			t.close()
			return nil, err
		}
		t.clients = append(t.clients, c)
	}
	return t, nil
}

func (t *target) close() {
	for _, c := range t.clients {
		c.close()
	}
}

// load keeps all connections busy for a time. Requests that run at its end are
// finished, and count.
func (t *target) load(ctx context.Context, d time.Duration) (sample, error) {
	before, err := t.cpu()
	if err != nil {
		return sample{}, err
	}
	started := time.Now()
	end := started.Add(d)
	shares := make([]share, len(t.clients))
	var all sync.WaitGroup
	for i, c := range t.clients {
		all.Go(func() { shares[i] = c.work(ctx, end, t.requests, i*len(t.requests)/len(t.clients)) })
	}
	all.Wait()
	s := sample{elapsed: time.Since(started)}
	after, err := t.cpu()
	s.cpu = after - before
	var latencies []time.Duration
	for _, share := range shares {
		err = errors.Join(err, share.err)
		latencies = append(latencies, share.latencies...)
	}
	if err != nil {
		return sample{}, err
	}
	s.requests = len(latencies)
	slices.Sort(latencies)
	s.median = latencies[len(latencies)/2]
	return s, nil
}

// share is one connection's part of a load.
type share struct {
	latencies []time.Duration
	err       error
}

func (c *client) work(ctx context.Context, end time.Time, requests [][]byte, first int) (s share) {
	if s.err = c.expect(time.Until(end) + stall); s.err != nil {
		return s
	}
	now := time.Now()
	for i := first; now.Before(end) && ctx.Err() == nil; i++ {
		if s.err = c.do(requests[i%len(requests)]); s.err != nil {
			return s
		}
		then := now
		now = time.Now()
		s.latencies = append(s.latencies, now.Sub(then))
	}
	s.err = ctx.Err()
	return s
}
