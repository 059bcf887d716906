package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spskit/spskit/client"
)

const (
	// page is how many sessions are read as they are, without a snapshot.
	page = 500
	// stride is how many sessions are written between two checkpoints.
	stride = 1000
)

// Export is one run.
type Export struct {
	Client     *client.Client
	Query      client.Query  // chooses the sessions
	Fields     []string      // as in client.SessionQuery; end_time is among them, if there are any
	Overlap    time.Duration // how late sessions may appear
	Checkpoint *Checkpoint
	Path       string                     // of the checkpoint; empty to keep none
	Target     *Target                    // where Write writes
	Write      func(client.Session) error // writes a session
	Progress   func(done, of int64)       // may be nil

	written    int   // sessions since the last checkpoint
	done, todo int64 // sessions of this run
}

// Run exports what has ended since the checkpoint. When it fails, the checkpoint tells
// how far it came nevertheless, unless writing was what failed.
func (e *Export) Run(ctx context.Context) error {
	err := e.read(ctx)
	var failed writeError
	if errors.As(err, &failed) {
		return failed.error
	}
	return errors.Join(err, e.commit())
}

// writeError is an error of writing, after which nobody knows what is written.
type writeError struct{ error }

// Pending is the query for sessions that may be missing. What has an end in the future
// waits until that has come, so that the watermark never passes what is yet to end.
func (e *Export) Pending() client.Query { return e.endedSince(e.Checkpoint.from(e.Overlap)) }

func (e *Export) endedSince(from time.Time) client.Query {
	ended := []client.Query{e.Query}
	if since := e.Checkpoint.Since; !since.IsZero() {
		ended = append(ended, client.Time("start_time").Since(since))
	}
	if !from.IsZero() {
		ended = append(ended, client.Time("end_time").Since(from))
	}
	return client.And(append(ended, client.Raw("end_time:[* TO now]"))...)
}

func (e *Export) query(q client.Query) client.SessionQuery {
	return client.SessionQuery{Q: q, Fields: e.Fields, Sort: []string{"end_time"}, Limit: page}
}

// read reads all that is pending. More than a page is read from a snapshot first. The
// server may hand out one that is some minutes old, so that what has ended since is
// always read as it is.
func (e *Export) read(ctx context.Context) error {
	n, err := e.Client.Count(ctx, e.query(e.Pending()))
	if err != nil {
		return err
	}
	e.todo = max(0, n-int64(len(e.Checkpoint.Remembered)))
	e.progress()
	if n > page {
		if err := e.readSnapshot(ctx); err != nil {
			return err
		}
	}
	return e.readLatest(ctx)
}

// readSnapshot reads what a snapshot has, and when that expires, the rest from another.
func (e *Export) readSnapshot(ctx context.Context) error {
	for {
		before := e.done
		q := e.query(e.Pending())
		q.Snapshot = true
		err := e.addAll(ctx, q)
		switch {
		case errors.Is(err, client.ErrSnapshotExpired) && e.done > before:
			continue
		case errors.Is(err, client.ErrSnapshotExpired), e.done > before:
			return err
		case errors.Is(err, client.ErrNotFound), errors.Is(err, client.ErrMethodNotAllowed),
			errors.Is(err, client.ErrInvalidQuery), errors.Is(err, client.ErrTooManyRequests):
			return nil // there are none before version 7.1, or none is left: readLatest does without
		}
		return err
	}
}

func (e *Export) addAll(ctx context.Context, q client.SessionQuery) error {
	for s, err := range e.Client.Sessions(ctx, q) {
		if err != nil {
			return err
		}
		if err := e.add(s); err != nil {
			return err
		}
	}
	return nil
}

// readLatest reads sessions as they are. Each page begins where the one before ended,
// so that no session is missed when others come or go in between.
func (e *Export) readLatest(ctx context.Context) error {
	from, offset := e.Checkpoint.from(e.Overlap), 0
	for {
		q := e.query(e.endedSince(from))
		q.Offset = offset
		p, err := e.Client.ListSessions(ctx, q)
		if err != nil {
			return err
		}
		for _, s := range p.Sessions {
			if err := e.add(s); err != nil {
				return err
			}
		}
		if !p.More || len(p.Sessions) == 0 {
			return nil
		}
		last := p.Sessions[len(p.Sessions)-1].EndTime.Truncate(time.Microsecond)
		if last.After(from) {
			from, offset = last, 0
		} else { // all of them ended in the same moment
			offset += len(p.Sessions)
		}
	}
}

// add exports a session, unless an earlier run or page has.
func (e *Export) add(s client.Session) error {
	if s.EndTime == nil {
		return fmt.Errorf("%w: the session %q has no end, and was asked for by it", client.ErrUnexpectedAnswer, s.Key)
	}
	if _, done := e.Checkpoint.Remembered[s.Key]; done {
		return nil
	}
	if err := e.Write(s); err != nil {
		return writeError{err}
	}
	e.Checkpoint.add(s.Key, *s.EndTime)
	e.done++
	e.written++
	e.progress()
	if e.written < stride {
		return nil
	}
	if err := e.commit(); err != nil {
		return writeError{err}
	}
	return nil
}

func (e *Export) progress() {
	if e.Progress != nil {
		e.Progress(e.done, max(e.done, e.todo))
	}
}

// commit makes what is written last, and then the checkpoint.
func (e *Export) commit() error {
	if err := e.Target.commit(); err != nil {
		return err
	}
	e.written = 0
	e.Checkpoint.forget(e.Overlap)
	e.Checkpoint.Offset = e.Target.Offset
	if e.Path == "" {
		return nil
	}
	return e.Checkpoint.Save(e.Path)
}

// Done is how many sessions this run has exported.
func (e *Export) Done() int64 { return e.done }
