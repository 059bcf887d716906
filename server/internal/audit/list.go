package audit

import (
	"context"
	"fmt"
	"io"

	"github.com/spskit/spskit/server/store"
)

// Result is one page of sessions, ready to be written.
type Result struct {
	Paging
	search   Search
	sessions store.Sessions
}

// List finds one page of sessions. Its items are read when they are written.
func (s *Service) List(ctx context.Context, search Search) (*Result, error) {
	count, err := s.sessions.CountSessions(ctx, search.Filter, MaxMatches)
	if err != nil {
		return nil, fmt.Errorf("count sessions: %w", err)
	}
	return &Result{
		Paging: Paging{Window: search.Window, Count: count}, search: search, sessions: s.sessions,
	}, nil
}

// WriteItems writes the items of the page to w as they are read, separated by
// commas: {"key":...,"meta":{"href":...}}, and "body" when fields were asked for.
// It writes an item in a few pieces, so w should gather them. The page ends where
// paging through sessions does, at MaxMatches.
func (r *Result) WriteItems(ctx context.Context, w io.Writer) error {
	limit := min(r.Limit, MaxMatches-r.Offset)
	if limit <= 0 {
		return nil
	}
	i := itemWriter{w: w, fields: &r.search.Fields, piece: make([]byte, 0, 4096)}
	err := r.sessions.WalkSessions(ctx, store.Page{
		Filter: r.search.Filter, Sort: r.search.Sort, Offset: r.Offset, Limit: limit, Bodies: !i.fields.None(),
	}, i.write)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	return nil
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
