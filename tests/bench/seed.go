//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// seedBatch is how many sessions spsd stores in one transaction.
const seedBatch = 2000

// seed fills a data directory with made-up sessions.
func (b *bench) seed(ctx context.Context, dir string) (outcome, error) {
	_, took, err := execute(ctx, b.spsd, "seed", "--data", dir, "--sessions", fmt.Sprint(b.sessions))
	return took, err
}

// measureSeed holds the filling of a database with made-up sessions beside the
// inserting of the same rows, which a floor has in memory already.
func (b *bench) measureSeed(ctx context.Context) ([]row, error) {
	floor, err := b.fill(ctx)
	if err != nil {
		return nil, err
	}
	again := b.file("seeded")
	defer func() { _ = os.RemoveAll(again) }()
	second, err := b.seed(ctx, again)
	if err != nil {
		return nil, err
	}
	// The floor lies between two runs of spsd, of which the first made the data.
	ours := outcome{(b.seeded.wall + second.wall) / 2, (b.seeded.cpu + second.cpu) / 2}
	rate := floor.wall.Seconds() / ours.wall.Seconds()
	return []row{{
		what: fmt.Sprintf("seed %s sessions", count(float64(b.sessions))), ours: b.filledAt(ours), floor: b.filledAt(floor),
		rate: rate, cpu: floor.cpu.Seconds() / ours.cpu.Seconds(), bar: atLeast(0.7, rate),
		notes: "makes the sessions up and writes trail files, too; floor: inserts the same rows from memory",
	}}, nil
}

func (b *bench) filledAt(o outcome) string {
	n := float64(b.sessions)
	return fmt.Sprintf("%s/s  %s CPU", count(n/o.wall.Seconds()), duration(o.cpu.Seconds()/n))
}

// fill lets the floor copy the sessions into a database that spsd has made.
func (b *bench) fill(ctx context.Context) (outcome, error) {
	dir := b.file("filled")
	defer func() { _ = os.RemoveAll(dir) }()
	if _, _, err := execute(ctx, b.spsd, "user", "list", "--data", dir); err != nil {
		return outcome{}, err
	}
	raw, _, err := execute(ctx, b.floor("sql"), "fill", "-from", b.database(),
		"-to", filepath.Join(dir, "spsd.db"), "-batch", fmt.Sprint(seedBatch))
	if err != nil {
		return outcome{}, err
	}
	var filled struct {
		Sessions     int
		Seconds, CPU float64
	}
	if err := json.Unmarshal(raw, &filled); err != nil {
		return outcome{}, err
	}
	if filled.Sessions != b.sessions {
		return outcome{}, fmt.Errorf("the floor inserted %d sessions", filled.Sessions)
	}
	return outcome{time.Duration(filled.Seconds * float64(time.Second)), time.Duration(filled.CPU * float64(time.Second))}, nil
}
