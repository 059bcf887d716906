package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spskit/spskit/server/store"
)

// batch gathers sessions that are stored together.
type batch struct {
	sessions []store.Session
	trails   []batchTrail
	bytes    int
}

// batchTrail is a trail file of one of the batch's sessions.
type batchTrail struct {
	session int // its index
	file    string
	at      func(error) error // names the line in an error
	before  string            // blob that the session had before
	fresh   string            // blob that was written for this batch
}

func (b *batch) add(s store.Session, trailFile string, at func(error) error, bytes int) {
	b.sessions = append(b.sessions, s)
	b.bytes += bytes
	if trailFile != "" {
		b.trails = append(b.trails, batchTrail{session: len(b.sessions) - 1, file: trailFile, at: at})
	}
}

func (b *batch) full(size int) bool {
	if size <= 0 {
		size = defaultBatchSize
	}
	return len(b.sessions) >= size || b.bytes >= maxBatchBytes
}

func (b *batch) clear() {
	clear(b.sessions)
	clear(b.trails)
	b.sessions, b.trails, b.bytes = b.sessions[:0], b.trails[:0], 0
}

// flush stores the batch. Trail files are written first, so that a stored session
// never names one that is not there; whatever no session names in the end is
// removed.
func (r *importRun) flush(ctx context.Context) error {
	b := &r.batch
	if len(b.sessions) == 0 {
		return nil
	}
	defer b.clear()
	err := r.putTrails(ctx, b)
	if err == nil {
		var result store.PutResult
		if result, err = r.Sessions.PutSessions(ctx, b.sessions); err != nil {
			err = fmt.Errorf("import: %w", err)
		}
		r.done.Stored += result.Stored
		r.done.Skipped += result.Skipped
	}
	r.settleTrails(context.WithoutCancel(ctx), b)
	if err == nil && r.Progress != nil {
		r.Progress(r.done)
	}
	return err
}

func (r *importRun) putTrails(ctx context.Context, b *batch) error {
	for i := range b.trails {
		if err := r.putTrail(ctx, b, &b.trails[i]); err != nil {
			return b.trails[i].at(fmt.Errorf("trail %q: %w", b.trails[i].file, err))
		}
	}
	return nil
}

func (r *importRun) putTrail(ctx context.Context, b *batch, t *batchTrail) error {
	session := &b.sessions[t.session]
	switch before, _, err := r.Sessions.SessionTrail(ctx, session.Key); {
	case err == nil:
		t.before = before.Blob
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	file, err := openRegular(r.root.OpenFile, t.file)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err // the caller names the file, with nothing in it that a terminal obeys
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	stored, fresh, err := r.Trails.PutSession(ctx, session.Key, file, r.Now())
	if err != nil {
		return err
	}
	session.Trail = &stored
	if fresh {
		t.fresh = stored.Blob
	}
	return nil
}

// settleTrails counts the trail files that are in use, and removes what the batch
// superseded and what it wrote in vain. It does its best: a file that stays
// behind takes room and does no other harm.
func (r *importRun) settleTrails(ctx context.Context, b *batch) {
	for i := range b.trails {
		t := &b.trails[i]
		session := &b.sessions[t.session]
		if session.Trail == nil {
			continue // its turn never came
		}
		current, _, err := r.Sessions.SessionTrail(ctx, session.Key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			continue
		}
		for _, blob := range []string{t.before, t.fresh} {
			if blob != "" && blob != current.Blob {
				_ = r.Trails.Delete(ctx, blob)
			}
		}
		if current.Blob == session.Trail.Blob && t.before != current.Blob {
			r.done.Trails++
			r.done.TrailBytes += current.Size
		}
	}
}
