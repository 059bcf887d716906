package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/internal/seed"
	"github.com/spskit/spskit/server/internal/spec"
	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

// Data is an open data directory. Several processes may have the same one open:
// accounts and sessions can be added while a server runs on it.
type Data struct {
	dir    string
	store  store.Store
	trails *trail.Files
}

// OpenData opens the database and the trails under dir, and makes both when they
// are missing.
func OpenData(ctx context.Context, dir string) (*Data, error) {
	if err := makeDataDir(dir); err != nil {
		return nil, err
	}
	trails, err := trail.OpenDir(filepath.Join(dir, "trails"))
	if err != nil {
		return nil, fmt.Errorf("open the trails: %w", err)
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, "spsd.db"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), trails.Close())
	}
	return &Data{dir: dir, store: db, trails: trails}, nil
}

// Close releases the data directory.
func (d *Data) Close() error { return errors.Join(d.store.Close(), d.trails.Close()) }

// Accounts administers who may log in. bcryptCost is the cost of new password
// hashes, or 0 for bcrypt's default.
func (d *Data) Accounts(bcryptCost int) *login.Manager {
	return login.New(d.store, login.Options{BcryptCost: bcryptCost})
}

// Import stores the sessions that a file, or the *.ndjson files of a directory,
// hold as lines of JSON; see audit.Importer. progress may be nil.
func (d *Data) Import(ctx context.Context, name string, progress func(audit.Progress)) (audit.Imported, error) {
	return d.importer(time.Now, progress).Import(ctx, name)
}

func (d *Data) importer(now func() time.Time, progress func(audit.Progress)) *audit.Importer {
	return &audit.Importer{Sessions: d.store, Trails: d.trails, Validate: spec.ValidateDocument, Progress: progress, Now: now}
}

// Seed stores the sessions that g makes up; see seed.Generator.Fill. progress
// may be nil.
func (d *Data) Seed(ctx context.Context, g *seed.Generator, progress func(seed.Filled)) (seed.Filled, error) {
	return g.Fill(ctx, d.store, d.trails, progress)
}

// fillWithDemo adds the demo sessions to a database that has none.
func (d *Data) fillWithDemo(ctx context.Context, now time.Time) (err error) {
	dir, err := os.MkdirTemp(d.dir, "demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	importer := d.importer(func() time.Time { return now }, nil)
	return seed.FillWithDemo(ctx, d.store, importer, dir, now)
}
