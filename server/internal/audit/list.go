package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spskit/spskit/server/store"
)

// Result is one page of sessions, ready to be written.
type Result struct {
	Paging           // without a Count in a snapshot
	search   *Search // nothing in it changes
	sessions store.Sessions
	snapshot *store.Snapshot // that the page is from, or nil
	left     time.Duration   // of the time limit
	last     string          // key of the last session that was written
	more     bool            // sessions follow that one
}

// List finds one page of sessions. Its items are read when they are written.
func (s *Service) List(ctx context.Context, search Search) (*Result, error) {
	r := &Result{
		Paging: Paging{Window: search.Window}, snapshot: search.Snapshot,
		search: &search, sessions: s.sessions, left: s.TimeLimit,
	}
	if r.snapshot != nil {
		return r, nil
	}
	begun := time.Now()
	err := s.limited(ctx, "count sessions", func(ctx context.Context) error {
		count, err := s.sessions.CountSessions(ctx, search.Filter, MaxMatches)
		r.Count = count
		return search.explain(err)
	})
	if err != nil {
		return nil, err
	}
	r.left -= time.Since(begun)
	return r, nil
}

// Names returns the fields as they were asked for; it is never nil.
func (r *Result) Names() []string { return append([]string{}, r.search.Fields.Names()...) }

// Snapshot is the id of the snapshot that the page is from, or "".
func (r *Result) Snapshot() string {
	if r.snapshot == nil {
		return ""
	}
	return r.snapshot.ID
}

// Table is how the page is written as CSV; nil for JSON.
func (r *Result) Table() *Table { return r.search.Table }

// After is the key of the session behind which the page of a snapshot begins, or
// "".
func (r *Result) After() string { return r.search.After }

// NextAfter is the key behind which the next page of a snapshot begins, or "" if
// this one is the last. It is known once the page has been written.
func (r *Result) NextAfter() string {
	if !r.more {
		return ""
	}
	return r.last
}

// WriteItems writes the items of the page to w as they are read, separated by
// commas: {"key":...,"meta":{"href":...}}, and "body" when fields were asked for.
// It writes an item in a few pieces, so w should gather them. Without a snapshot
// the page ends where paging through sessions does, at MaxMatches.
func (r *Result) WriteItems(ctx context.Context, w io.Writer) error {
	i := itemWriter{w: w, fields: &r.search.Fields, piece: make([]byte, 0, 4096)}
	return r.walk(ctx, !i.fields.None(), i.write)
}

// WriteTable writes the page to w as CSV, the names of the columns first. It
// writes a line at a time.
func (r *Result) WriteTable(ctx context.Context, w io.Writer) error {
	t := tableWriter{w: w, table: r.search.Table}
	if err := t.header(); err != nil {
		return err
	}
	return r.walk(ctx, len(t.table.columns) > 0, t.write)
}

// walk calls write for each session of the page.
func (r *Result) walk(ctx context.Context, bodies bool, write func(key string, body []byte) error) error {
	page := store.Page{
		Filter: r.search.Filter, Sort: r.search.Sort, Bodies: bodies,
		Offset: r.Offset, Limit: min(r.Limit, MaxMatches-r.Offset), Snapshot: r.snapshot, After: r.search.After,
	}
	if r.snapshot != nil {
		page.Limit = r.Limit + 1 // to know whether there is a next page
	}
	if page.Limit <= 0 {
		return nil
	}
	ctx, limit, stop := withAllowance(ctx, r.left)
	defer stop()
	written := 0
	err := r.sessions.WalkSessions(ctx, page, func(key string, body []byte) error {
		if r.more = written == r.Limit; r.more {
			return nil
		}
		written++
		if r.snapshot != nil && written == r.Limit {
			r.last = key
		}
		return limit.reader(func() error { return write(key, body) })
	})
	if r.search.After != "" && errors.Is(err, store.ErrNotFound) {
		return unknownAfter(r.search.After)
	}
	return outcome(ctx, "list sessions", r.search.explain(err))
}

func unknownAfter(key string) error {
	return &QueryError{"search_after", key, "the key of a session in the snapshot", -1}
}

// itemWriter writes one item after the other.
type itemWriter struct {
	w      io.Writer
	fields *Projection
	piece  []byte // reused from item to item
	comma  bool
}

var itemEnd = []byte("}")

func (i *itemWriter) write(key string, body []byte) error {
	b := i.piece[:0]
	if i.comma {
		b = append(b, ',')
	}
	i.comma = true
	// The key of a stored session holds nothing that JSON or a URL would escape.
	b = append(b, `{"key":"`...)
	b = append(b, key...)
	b = append(b, `","meta":{"href":"`+sessionsPath...)
	b = append(b, key...)
	b = append(b, `"}`...)
	switch {
	case i.fields.None():
	case i.fields.All():
		// Stored bodies go from the database to w without a copy in between.
		b = append(b, `,"body":`...)
		i.piece = b
		if _, err := i.w.Write(b); err != nil {
			return err
		}
		if _, err := i.w.Write(body); err != nil {
			return err
		}
		_, err := i.w.Write(itemEnd)
		return err
	default:
		var err error
		if b, err = i.fields.Append(append(b, `,"body":`...), body); err != nil {
			return fmt.Errorf("session %s: %w", key, err)
		}
	}
	b = append(b, '}')
	i.piece = b
	_, err := i.w.Write(b)
	return err
}
