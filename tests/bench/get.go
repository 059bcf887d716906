//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// connections is how many clients load a server at once, trails aside.
const connections = 16

// measureGet holds one session by its key, with the login, the validation and
// the database that go with it, beside a handler that writes the same bytes.
func (b *bench) measureGet(ctx context.Context) ([]row, error) {
	var rows []row
	for _, s := range schemes {
		r, err := b.measureGetOver(ctx, s)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (b *bench) measureGetOver(ctx context.Context, s scheme) (row, error) {
	d, err := b.serve(ctx, s)
	if err != nil {
		return row{}, err
	}
	defer d.stop()
	paths, err := d.somePaths(ctx)
	if err != nil {
		return row{}, err
	}
	body, err := d.typical(ctx, paths)
	if err != nil {
		return row{}, err
	}
	file, err := b.write("session.json", body)
	if err != nil {
		return row{}, err
	}
	bare, err := b.startFloor(ctx, d, "bare", "-body", file)
	if err != nil {
		return row{}, err
	}
	defer bare.stop()
	requests := make([][]byte, len(paths))
	for i, path := range paths {
		requests[i] = d.request(path)
	}
	c, err := b.compare(ctx, connections, requests, d, bare)
	if err != nil {
		return row{}, err
	}
	if s == plain {
		b.getCPU = time.Duration(c.ours.typical(sample.cpuEach) * float64(time.Second))
	}
	return row{
		what: "GET one session, " + string(s), ours: served(c.ours), floor: served(c.floors[0]),
		rate: c.rate(c.floors[0]), cpu: c.cpu(c.floors[0]), bar: atLeast(0.4, c.rate(c.floors[0])),
		notes: fmt.Sprintf("%d sessions in turn, about %d B; floor: bare handler, same bytes", len(paths), len(body)),
	}, nil
}

// served describes what a server did under load.
func served(t *target) string {
	return fmt.Sprintf("%s/s  %s CPU  p50 %s", count(t.typical(sample.rate)),
		duration(t.typical(sample.cpuEach)), duration(t.typical(sample.latency)))
}

// somePaths are those of sessions from all over the database: in order of the
// port that the client happened to have.
func (d *daemon) somePaths(ctx context.Context) ([]string, error) {
	var paths []string
	for offset := 0; offset < 2000; offset += 500 {
		raw, err := d.get(ctx, fmt.Sprintf("/api/audit/sessions?sort=client.port&limit=500&offset=%d", offset), http.StatusOK, nil)
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []struct{ Meta struct{ Href string } }
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			paths = append(paths, item.Meta.Href)
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("the database has no sessions")
	}
	return paths, nil
}

// typical is an answer of median size.
func (d *daemon) typical(ctx context.Context, paths []string) ([]byte, error) {
	answers := make([][]byte, 0, 101)
	for i := range cap(answers) {
		body, err := d.get(ctx, paths[i*len(paths)/cap(answers)], http.StatusOK, nil)
		if err != nil {
			return nil, err
		}
		answers = append(answers, body)
	}
	slices.SortFunc(answers, func(a, b []byte) int { return cmp.Compare(len(a), len(b)) })
	return answers[len(answers)/2], nil
}
