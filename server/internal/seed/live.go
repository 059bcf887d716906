package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

const (
	// liveKey is the demo session that is still going on.
	liveKey = "svc-rUhhQZ3jYsY1NDWYp9DEpq-kecske-29"

	liveInterval = 2 * time.Second
	livePiece    = 512     // by which its trail grows at a time
	liveSize     = 1 << 20 // of its trail when it ends
	liveFresh    = 4 << 10 // of its trail when it begins anew

	liveFile = "demo/active.ndjson"
)

// LiveStore is what KeepAlive needs of the store.
type LiveStore interface {
	Sessions
	SessionBody(ctx context.Context, key string) ([]byte, error)
	SessionPart(ctx context.Context, key string, part store.Part) ([]byte, error)
}

// LiveTrails is what KeepAlive needs of the trail files.
type LiveTrails interface {
	Append(ctx context.Context, key string, old store.Trail, data []byte, modified time.Time) (store.Trail, error)
	PutSession(ctx context.Context, key string, file io.ReadSeeker, modified time.Time) (t store.Trail, fresh bool, err error)
	Delete(ctx context.Context, blob string) error
}

// KeepAlive lets the active session of the demo go on: every two seconds its
// trail grows by 512 bytes, and when it has reached 1 MiB, after more than an
// hour, the session ends. Two seconds later it begins anew, under the same key and
// with a trail of its own: whoever follows the old one has seen it end. A session
// that somebody else ended begins anew as well.
//
// KeepAlive returns when ctx ends, or when there is no such session with a trail.
// All it knows is in the store, so that it can be started again at any time.
func KeepAlive(ctx context.Context, sessions LiveStore, trails LiveTrails, now func() time.Time, log *slog.Logger) {
	ticker := time.NewTicker(liveInterval)
	defer ticker.Stop()
	keepAlive(ctx, &live{sessions: sessions, trails: trails, now: now, size: liveSize}, ticker.C, log)
}

func keepAlive(ctx context.Context, l *live, tick <-chan time.Time, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		goesOn, err := l.step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.WarnContext(ctx, "continue the active demo session", "error", err)
		case !goesOn:
			return
		}
	}
}

type live struct {
	sessions LiveStore
	trails   LiveTrails
	now      func() time.Time
	size     int64 // of the trail when the session ends
}

// step continues the session once, and reports whether it still goes on.
func (l *live) step(ctx context.Context) (goesOn bool, err error) {
	old, active, err := l.sessions.SessionTrail(ctx, liveKey)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	now := l.now().UTC()
	switch {
	case !active:
		return true, l.beginAnew(ctx, now, old)
	case old.Size >= l.size:
		return true, l.end(ctx, now)
	}
	grown, err := l.trails.Append(ctx, liveKey, old, livePieceAt(old.Size), now)
	if err != nil {
		return true, err
	}
	stored, err := l.put(ctx, now, audit.Document{Trail: &grown}, func(map[string]any) {})
	return true, errors.Join(err, l.settle(ctx, old, grown, stored))
}

// settle deletes the trail that the session does not have, the old one or the
// new one.
func (l *live) settle(ctx context.Context, old, fresh store.Trail, stored bool) error {
	switch {
	case old.Blob == fresh.Blob:
		return nil
	case stored:
		return l.trails.Delete(ctx, old.Blob)
	default:
		return l.trails.Delete(ctx, fresh.Blob)
	}
}

// beginAnew stores the session as it was when the demo began, but starting now.
func (l *live) beginAnew(ctx context.Context, now time.Time, old store.Trail) error {
	line, err := demoFiles.ReadFile(liveFile)
	if err != nil {
		return err
	}
	parsed, err := audit.ParseLine(startDemoAt(line, now), nil)
	if err != nil {
		return fmt.Errorf("%s: %w", liveFile, err)
	}
	d := newDice()
	d.throw(liveSize, 0)
	file := bytes.NewReader(appendTrail(nil, d, liveKey, liveFresh))
	fresh, _, err := l.trails.PutSession(ctx, liveKey, file, now)
	if err != nil {
		return err
	}
	document := parsed.Document
	document.Trail = &fresh
	// What it may have gathered belongs to the session that ended.
	document.Alerts, document.Events, document.Indexing = []map[string]any{}, []map[string]any{}, []map[string]any{}
	anew := document.Body
	stored, err := l.put(ctx, now, document, func(body map[string]any) {
		revision := body["revision"]
		clear(body)
		maps.Copy(body, anew)
		body["revision"] = revision
	})
	return errors.Join(err, l.settle(ctx, old, fresh, stored))
}

func livePieceAt(offset int64) []byte {
	d := newDice()
	d.throw(liveSize, int(offset))
	return appendNoise(make([]byte, 0, livePiece+8), d, livePiece)
}

// end closes the session and its open channels.
func (l *live) end(ctx context.Context, now time.Time) error {
	part, err := l.sessions.SessionPart(ctx, liveKey, store.PartChannels)
	if err != nil {
		return err
	}
	d := audit.Document{Channels: []map[string]any{}}
	if err := decodeJSON(part, &d.Channels); err != nil {
		return fmt.Errorf("channels of session %q: %w", liveKey, err)
	}
	for _, c := range d.Channels {
		if c["end_time"] != nil {
			continue
		}
		c["end_time"] = now.Unix()
		if start, ok := c["start_time"].(json.Number); ok {
			if started, err := strconv.ParseInt(string(start), 10, 64); err == nil {
				c["duration"] = max(now.Unix()-started, 0)
			}
		}
	}
	_, err = l.put(ctx, now, d, func(body map[string]any) {
		body["active"] = false
		body["end_time"] = now.Format("2006-01-02T15:04:05.000Z")
		if recording, ok := body["recording"].(map[string]any); ok {
			recording["index_status"] = "NOT_INDEXED"
		}
	})
	return err
}

// put stores the next revision of the session: d, with the body as change leaves
// it. It reports false when somebody else stored that revision first.
func (l *live) put(ctx context.Context, now time.Time, d audit.Document, change func(body map[string]any)) (stored bool, err error) {
	raw, err := l.sessions.SessionBody(ctx, liveKey)
	if err != nil {
		return false, err
	}
	d.Key, d.Body = liveKey, nil
	if err := decodeJSON(raw, &d.Body); err != nil {
		return false, fmt.Errorf("body of session %q: %w", liveKey, err)
	}
	if revision, ok := d.Body["revision"].(json.Number); ok {
		n, err := strconv.ParseInt(string(revision), 10, 64)
		if err != nil {
			return false, fmt.Errorf("revision of session %q: %w", liveKey, err)
		}
		d.Body["revision"] = n + 1
	}
	if text, ok := d.Body["start_time"].(string); ok {
		start, err := query.ParseDate(text)
		if err != nil {
			return false, fmt.Errorf("start of session %q: %w", liveKey, err)
		}
		d.Body["duration"] = max(int64(now.Sub(start)/time.Second), 0)
	}
	change(d.Body)
	session, err := d.Compose()
	if err != nil {
		return false, err
	}
	result, err := l.sessions.PutSessions(ctx, []store.Session{session})
	return result.Stored == 1, err
}

// decodeJSON keeps numbers as they are written.
func decodeJSON(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decoder.Decode(into)
}
