package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

// newLive returns the active session with a clock that goes on by two seconds
// at each look.
func newLive(sessions LiveStore, trails LiveTrails) *live {
	clock := demoStart
	return &live{sessions: sessions, trails: trails, size: 66 << 10, now: func() time.Time {
		clock = clock.Add(liveInterval)
		return clock
	}}
}

func mustStep(t *testing.T, l *live) (goesOn bool) {
	t.Helper()
	goesOn, err := l.step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return goesOn
}

type liveState struct {
	Active      bool
	Revision    int64
	Duration    int64
	StartTime   time.Time  `json:"start_time"`
	EndTime     *time.Time `json:"end_time"`
	IndexStatus string     `json:"index_status"`
	trail       []byte
}

func stateOf(t *testing.T, sessions *sqlite.Store, trails *trail.Files) liveState {
	t.Helper()
	raw, err := sessions.SessionBody(t.Context(), liveKey)
	if err != nil {
		t.Fatal(err)
	}
	check(t, liveKey, "Session", decode(t, raw))
	var s liveState
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	stored, active, err := sessions.SessionTrail(t.Context(), liveKey)
	if err != nil || active != s.Active {
		t.Fatalf("trail: active %v, %v", active, err)
	}
	r, err := trails.Open(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if s.trail, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLiveSessionGrowsAndBeginsAnew(t *testing.T) {
	sessions, trails := openDemo(t)
	l := newLive(sessions, trails)
	before := stateOf(t, sessions, trails)
	if !before.Active || before.EndTime != nil || !before.StartTime.Equal(demoStart) {
		t.Fatalf("at first: %+v", before)
	}
	for range 2 {
		if !mustStep(t, l) {
			t.Fatal("ended at once")
		}
	}
	after := stateOf(t, sessions, trails)
	if !after.Active || after.Revision != before.Revision+2 || after.Duration != 4 {
		t.Errorf("after 4 seconds: active %v, revision %d, duration %d", after.Active, after.Revision, after.Duration)
	}
	if !bytes.HasPrefix(after.trail, before.trail) || len(after.trail) != len(before.trail)+2*livePiece {
		t.Errorf("the trail grew from %d to %d bytes, or changed", len(before.trail), len(after.trail))
	}

	// Somebody else goes on, as after a restart.
	l = newLive(sessions, trails)
	steps, end := 0, after
	for end.Active && steps < 1000 {
		if !mustStep(t, l) {
			t.Fatal("gave up")
		}
		steps++
		end = stateOf(t, sessions, trails)
	}
	if end.Active || end.EndTime == nil || !end.EndTime.Equal(l.now().Add(-liveInterval).Truncate(time.Millisecond)) {
		t.Errorf("at the end: active %v, end %v", end.Active, end.EndTime)
	}
	if want := int64(steps) * int64(liveInterval/time.Second); end.Duration != want {
		t.Errorf("at the end the duration is %d, want %d", end.Duration, want)
	}
	if !bytes.HasPrefix(end.trail, after.trail) || len(end.trail) < 66<<10 || len(end.trail) > 66<<10+livePiece {
		t.Errorf("at the end the trail has %d bytes, or changed", len(end.trail))
	}
	channels, err := sessions.SessionPart(t.Context(), liveKey, store.PartChannels)
	if err != nil || bytes.Contains(channels, []byte("null")) {
		t.Errorf("channels at the end: %s, %v", channels, err)
	}
	for _, item := range decode(t, channels).([]any) {
		check(t, liveKey, "Channel", item)
	}
	mustStep(t, l)
	anew := stateOf(t, sessions, trails)
	if !anew.Active || anew.EndTime != nil || anew.Duration != 0 || anew.Revision != end.Revision+1 || len(anew.trail) != liveFresh {
		t.Errorf("anew: %+v", anew)
	}
	if !anew.StartTime.Equal(end.EndTime.Add(2 * liveInterval)) { // this test looked at the clock once
		t.Errorf("begins anew at %v, after an end at %v", anew.StartTime, end.EndTime)
	}
	channels, err = sessions.SessionPart(t.Context(), liveKey, store.PartChannels)
	if err != nil || !bytes.Contains(channels, []byte(`"end_time":null`)) {
		t.Errorf("channels anew: %s, %v", channels, err)
	}
	mustStep(t, l)
	if grown := stateOf(t, sessions, trails); !bytes.HasPrefix(grown.trail, anew.trail) || len(grown.trail) != liveFresh+livePiece {
		t.Errorf("the new trail has %d bytes, or changed", len(grown.trail))
	}
}

func TestLiveSessionIsGone(t *testing.T) {
	sessions, trails, _ := openData(t)
	if mustStep(t, newLive(sessions, trails)) {
		t.Error("goes on without a session")
	}
}

// TestLiveSessionIsReplaced has somebody import a newer revision between two
// steps, and between the reading and the writing of one.
func TestLiveSessionIsReplaced(t *testing.T) {
	sessions, trails := openDemo(t)
	newer := func(revision int64) {
		raw, err := sessions.SessionBody(t.Context(), liveKey)
		if err != nil {
			t.Fatal(err)
		}
		raw = bytes.Replace(raw, []byte(`"active":true`), []byte(`"active":false`), 1)
		raw = bytes.Replace(raw, []byte(`"revision":1,`), fmt.Appendf(nil, `"revision":%d,`, revision), 1)
		s := store.Session{
			Key: liveKey, Revision: revision, Start: demoStart, Values: mustNew(t, 1, 1, 0).makeBatch(0, 1).Sessions[0].Values,
			Body: func(store.Links) ([]byte, error) { return raw, nil },
		}
		if _, err := sessions.PutSessions(t.Context(), []store.Session{s}); err != nil {
			t.Fatal(err)
		}
	}
	meddling := &meddler{Store: sessions, before: func() { newer(1000) }}
	l := newLive(meddling, trails)
	if !mustStep(t, l) {
		t.Error("ended before it knew")
	}
	blob, _, err := sessions.SessionTrail(t.Context(), liveKey)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := trails.Open(t.Context(), blob); err != nil {
		t.Errorf("the trail that counts is gone: %v", err)
	} else {
		_ = r.Close()
	}
	meddling.before = func() {}
	mustStep(t, l)
	if s := stateOf(t, sessions, trails); !s.Active || s.Revision != 1001 || len(s.trail) != liveFresh {
		t.Errorf("after the end: active %v, revision %d, %d bytes", s.Active, s.Revision, len(s.trail))
	}
}

// meddler calls before ahead of each write.
type meddler struct {
	*sqlite.Store
	before func()
}

func (m *meddler) PutSessions(ctx context.Context, batch []store.Session) (store.PutResult, error) {
	m.before()
	return m.Store.PutSessions(ctx, batch)
}

func TestKeepAliveStops(t *testing.T) {
	t.Run("with the session", func(t *testing.T) {
		sessions, trails, _ := openData(t)
		tick := make(chan time.Time, 1)
		tick <- demoStart
		keepAlive(t.Context(), newLive(sessions, trails), tick, slog.New(slog.DiscardHandler))
	})
	t.Run("with the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		sessions, trails, _ := openData(t)
		KeepAlive(ctx, sessions, trails, time.Now, slog.New(slog.DiscardHandler))
	})
}

func TestKeepAliveSurvivesErrors(t *testing.T) {
	sessions, trails := openDemo(t)
	var log bytes.Buffer
	tick := make(chan time.Time)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	failing := &failingTrails{Files: trails}
	go func() {
		defer close(done)
		keepAlive(ctx, newLive(sessions, failing), tick, slog.New(slog.NewTextHandler(&log, nil)))
	}()
	tick <- demoStart // fails
	tick <- demoStart // succeeds
	tick <- demoStart // is taken after that
	cancel()
	<-done
	if !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("log: %s", log.String())
	}
	if got := stateOf(t, sessions, trails); got.Revision < 2 {
		t.Errorf("revision %d, want 2 at least", got.Revision)
	}
}

// failingTrails fails at the first Append.
type failingTrails struct {
	*trail.Files
	called int
}

func (f *failingTrails) Append(ctx context.Context, key string, old store.Trail, data []byte, modified time.Time) (store.Trail, error) {
	f.called++
	if f.called == 1 {
		return store.Trail{}, errors.New("the disk is full")
	}
	return f.Files.Append(context.WithoutCancel(ctx), key, old, data, modified)
}
