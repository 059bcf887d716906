package audit

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// slowStore answers no search before its context ends.
type slowStore struct{ store.Store }

func (slowStore) CountSessions(ctx context.Context, _ store.Filter, _ int) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (slowStore) WalkSessions(ctx context.Context, _ store.Page, _ func(string, []byte) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func (slowStore) CountTerms(ctx context.Context, _ store.Filter, _ store.Terms) (store.TermCounts, error) {
	<-ctx.Done()
	return store.TermCounts{}, ctx.Err()
}

func (slowStore) CountBins(ctx context.Context, _ store.Filter, _ *query.Field, _ time.Duration, _ int) ([]store.Bin, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (slowStore) SessionPart(ctx context.Context, _ string, _ store.Part) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (slowStore) UseSnapshot(context.Context, string, store.SnapshotOwner, time.Time, time.Time) (store.Snapshot, error) {
	return store.Snapshot{}, nil
}

func TestTimeLimit(t *testing.T) { synctest.Test(t, testTimeLimit) }

func testTimeLimit(t *testing.T) {
	s := New(slowStore{}, func() time.Time { return testNow })
	for name, search := range map[string]func(context.Context) error{
		"list": func(ctx context.Context) error { _, err := s.List(ctx, Search{}); return err },
		"statistics": func(ctx context.Context) error {
			_, err := s.Statistics(ctx, StatisticsParams{Field: "protocol"})
			return err
		},
		"histogram": func(ctx context.Context) error { _, err := s.Histogram(ctx, HistogramParams{}); return err },
		"count":     func(ctx context.Context) error { _, err := s.Count(ctx, Criteria{}); return err },
		"content":   func(ctx context.Context) error { _, err := s.SearchContent(ctx, "k", "x", Window{}); return err },
		"snapshot": func(ctx context.Context) error {
			r, err := s.List(ctx, Search{Snapshot: &store.Snapshot{ID: "s"}, Window: Window{Limit: 1}})
			if err != nil {
				return err
			}
			return r.WriteItems(ctx, io.Discard)
		},
	} {
		if err := search(t.Context()); !errors.Is(err, ErrTooSlow) {
			t.Errorf("%s: got %v, want %v", name, err, ErrTooSlow)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := search(gone); errors.Is(err, ErrTooSlow) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v when the client is gone", name, err)
		}
	}
}

// The time that the reader takes does not count, not even while it takes it.
func TestAllowance(t *testing.T) {
	// The clock of the bubble is not the real one.
	synctest.Test(t, func(t *testing.T) {
		const limit = time.Second
		begun := time.Now()
		ctx, a, stop := withAllowance(t.Context(), limit)
		defer stop()
		for range 3 {
			<-time.After(limit / 4)
			if err := a.reader(func() error { <-time.After(10 * limit); return ctx.Err() }); err != nil {
				t.Fatal(err)
			}
		}
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, ErrTooSlow) {
			t.Errorf("ended for %v", cause)
		}
		if took := time.Since(begun); took != 31*limit {
			t.Errorf("ended after %v", took)
		}
		gone := errors.New("gone")
		if err := a.reader(func() error { return gone }); !errors.Is(err, gone) {
			t.Errorf("got %v, want %v", err, gone)
		}
	})
}
