package seed

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spskit/spskit/server/store"
)

// Sessions is what the package needs of the store.
type Sessions interface {
	PutSessions(ctx context.Context, batch []store.Session) (store.PutResult, error)
	SessionTrail(ctx context.Context, key string) (t store.Trail, active bool, err error)
}

// Trails keeps trail files.
type Trails interface {
	PutSession(ctx context.Context, key string, file io.ReadSeeker, modified time.Time) (t store.Trail, fresh bool, err error)
	Delete(ctx context.Context, blob string) error
}

// Filled counts what Fill did.
type Filled struct {
	Stored  int // new sessions
	Skipped int // sessions that were there already
	Trails  int // new trail files
}

// Fill stores all of the generator's sessions, and calls progress, which may be
// nil, after each batch. When ctx ends, the batch at hand is still stored.
// Filling again with the same sessions changes nothing.
func (g *Generator) Fill(ctx context.Context, sessions Sessions, trails Trails, progress func(Filled)) (Filled, error) {
	var done Filled
	for batch := range g.Batches(ctx, g.batch) {
		if err := batch.store(context.WithoutCancel(ctx), sessions, trails, &done); err != nil {
			return done, fmt.Errorf("seed: %w", err)
		}
		if progress != nil {
			progress(done)
		}
	}
	return done, ctx.Err()
}

// store writes the trail files first, so that no session names one that is not
// there.
func (b *Batch) store(ctx context.Context, sessions Sessions, trails Trails, done *Filled) error {
	var fresh []*store.Session
	for _, t := range b.Trails {
		session := &b.Sessions[t.Session]
		stored, isFresh, err := trails.PutSession(ctx, session.Key, bytes.NewReader(t.File), t.Modified)
		if err != nil {
			return err
		}
		session.Trail = &stored
		if isFresh {
			fresh = append(fresh, session)
		}
	}
	result, err := sessions.PutSessions(ctx, b.Sessions)
	if err != nil {
		return err
	}
	done.Stored += result.Stored
	done.Skipped += result.Skipped
	done.Trails += len(fresh)
	if result.Skipped == 0 {
		return nil
	}
	for _, session := range fresh { // which of them were for sessions that have another by now?
		current, _, err := sessions.SessionTrail(ctx, session.Key)
		if err == nil && current.Blob == session.Trail.Blob {
			continue
		}
		done.Trails--
		if err := trails.Delete(ctx, session.Trail.Blob); err != nil {
			return err
		}
	}
	return nil
}
