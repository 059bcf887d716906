//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// bench is one run: a directory with the data and the floors' binaries.
type bench struct {
	options
	dir  string
	data string // data directory of spsd, with all sessions

	seeded outcome       // of filling data
	getCPU time.Duration // that spsd takes for one GET of a session, once measured
	files  int           // made so far, to name the next
}

// measurements are in the order in which they are made and printed. The first
// finds the data directory as it was filled, and the trail adds a session to it.
var measurements = []struct {
	name string
	rows func(*bench, context.Context) ([]row, error)
}{
	{"seed", (*bench).measureSeed},
	{"get", (*bench).measureGet},
	{"validation", (*bench).measureValidation},
	{"page", (*bench).measurePage},
	{"memory", (*bench).measureMemory},
	{"iterate", (*bench).measureIterate},
	{"trail", (*bench).measureTrail},
	{"start", (*bench).measureStart},
	{"spsctl", (*bench).measureSpsctl},
}

func names() []string {
	all := make([]string, len(measurements))
	for i, m := range measurements {
		all[i] = m.name
	}
	return all
}

// patience bounds a run, should anything hang.
const patience = 20 * time.Minute

// run measures what the options ask for. It leaves no files and no processes.
func run(ctx context.Context, o options) (r report, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before, err := lookAtMachine()
	if err != nil {
		return r, err
	}
	b := &bench{options: o}
	if b.spsd, err = filepath.Abs(o.spsd); err != nil {
		return r, err
	}
	if b.dir, err = os.MkdirTemp("", "spsd-bench-"); err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if err := b.prepare(ctx); err != nil {
		return r, err
	}
	r.options = o
	for _, m := range measurements {
		if len(o.only) > 0 && !slices.Contains(o.only, m.name) {
			continue
		}
		say("measuring %s", m.name)
		rows, err := m.rows(b, ctx)
		if err != nil {
			return r, fmt.Errorf("%s: %w", m.name, err)
		}
		r.rows = append(r.rows, rows...)
	}
	after, err := lookAtMachine()
	r.machine = after.since(before)
	return r, err
}

// prepare makes everything that measurements start from.
func (b *bench) prepare(ctx context.Context) (err error) {
	say("building the floors, the downloader and spsctl")
	for _, packages := range []string{"tests/bench/floors/...", "tests/bench/download", "client/cmd/spsctl"} {
		if err := build(ctx, b.dir+"/", packages); err != nil {
			return err
		}
	}
	say("making up %s sessions", count(float64(b.sessions)))
	b.data = filepath.Join(b.dir, "data")
	b.seeded, err = b.seed(ctx, b.data)
	return err
}

// say tells whoever waits what is going on.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// build builds commands of this module as make builds spsd. It has to run
// somewhere in the module.
func build(ctx context.Context, out, packages string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, "github.com/spskit/spskit/"+packages) //nolint:gosec // all of it is ours
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", packages, err, text)
	}
	return nil
}

// floor is the path of a binary that prepare has built.
func (b *bench) floor(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) database() string { return filepath.Join(b.data, "spsd.db") }

// file is the name of a file or directory that does not exist yet.
func (b *bench) file(name string) string {
	b.files++
	return filepath.Join(b.dir, fmt.Sprintf("%d-%s", b.files, name))
}

// write puts bytes into a file for a floor.
func (b *bench) write(name string, content []byte) (string, error) {
	path := b.file(name)
	return path, os.WriteFile(path, content, 0o600)
}
