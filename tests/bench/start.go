//go:build linux

package main

import (
	"context"
	"fmt"
	"time"
)

// measureStart times a start up to the first answer, on a data directory that
// exists and on none, and takes the memory of a server that has nothing to do.
func (b *bench) measureStart(ctx context.Context) ([]row, error) {
	info, err := b.write("info.json", []byte(`{"body":{},"key":"info","meta":{"href":"/api/info"}}`))
	if err != nil {
		return nil, err
	}
	var rows []row
	var rest row
	for _, s := range schemes {
		var existing, empty, bare starts
		for range b.starts {
			ca, err := existing.add(b.startOnce(ctx, b.spsd, serveArgs(b.data, s)...))
			if err != nil {
				return nil, err
			}
			if _, err := empty.add(b.startOnce(ctx, b.spsd, serveArgs(b.file("empty"), s)...)); err != nil {
				return nil, err
			}
			if _, err := bare.add(b.startOnce(ctx, b.floor("bare"), append(b.tlsArgs(ca), "-body", info)...)); err != nil {
				return nil, err
			}
		}
		const note = "from exec to the first 200 of GET /api/info; files are in memory"
		rows = append(rows,
			row{
				what: fmt.Sprintf("start with %s sessions, %s", count(float64(b.sessions)), s),
				ours: duration(median(existing.times)), floor: duration(median(bare.times)),
				bar: atMost("100 ms", median(existing.times), 0.100), notes: note,
			},
			row{
				what: "start on nothing, " + string(s),
				ours: duration(median(empty.times)), floor: duration(median(bare.times)),
				bar: atMost("100 ms", median(empty.times), 0.100), notes: note + "; makes database and administrator",
			})
		rest = row{
			what: "memory at rest, " + string(s),
			ours: size(int64(median(existing.memory))), floor: size(int64(median(bare.memory))),
			bar:   atMost("60 MiB", median(existing.memory), 60<<20),
			notes: fmt.Sprintf("RSS, %s after the first answer", b.rest),
		}
	}
	return append(rows, rest), nil
}

// starts are several starts of one kind.
type starts struct {
	times  []float64 // seconds
	memory []float64 // bytes
}

func (s *starts) add(one started, err error) (string, error) {
	s.times = append(s.times, one.took.Seconds())
	s.memory = append(s.memory, float64(one.memory))
	return one.ca, err
}

type started struct {
	took   time.Duration
	memory int64
	ca     string
}

// startOnce starts a server, waits for its first answer, and stops it.
func (b *bench) startOnce(ctx context.Context, path string, args ...string) (started, error) {
	p, err := b.start(ctx, path, args...)
	if err != nil {
		return started{}, err
	}
	defer p.stop()
	t, err := p.connect(ctx, 1, nil)
	if err != nil {
		return started{}, err
	}
	defer t.close()
	c := t.clients[0]
	if err := c.expect(stall); err != nil {
		return started{}, err
	}
	if err := c.do(request(p.url.Host, "/api/info", "")); err != nil {
		return started{}, err
	}
	one := started{took: time.Since(p.started), ca: p.ca}
	select {
	case <-time.After(b.rest):
	case <-ctx.Done():
		return one, ctx.Err()
	}
	r, err := p.resident()
	one.memory = r.now
	return one, err
}
