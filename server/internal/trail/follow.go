package trail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spskit/spskit/server/store"
)

// Sessions says what trail a session has at the moment.
type Sessions interface {
	SessionTrail(ctx context.Context, key string) (t store.Trail, active bool, err error)
}

// ErrShrunk says that a followed trail became shorter than what was delivered.
var ErrShrunk = errors.New("the trail became shorter while it was followed")

// Follow writes a session's trail to w as it grows: what is there at once, and
// the rest as it comes, until the session is no longer active. flush is called
// after each piece, and before the first wait even if there is nothing yet. When
// there is no such session or trail, the error is store.ErrNotFound and comes
// before anything is written or flushed.
//
// A trail grows by being replaced by a longer one that begins with the same
// bytes. Follow looks for it four times a second and ends with ctx.
func (f *Files) Follow(ctx context.Context, sessions Sessions, key string, w io.Writer, flush func() error) error {
	var sent int64
	var missing string // blob that had gone when it was to be opened
	for first := true; ; first = false {
		t, active, err := sessions.SessionTrail(ctx, key)
		if err != nil {
			return fmt.Errorf("follow session %q: %w", key, err)
		}
		if t.Size < sent {
			return fmt.Errorf("follow session %q: %w", key, ErrShrunk)
		}
		n, err := f.copyFrom(ctx, w, t, sent)
		sent += n
		if errors.Is(err, ErrMissing) && t.Blob != missing {
			missing = t.Blob // replaced since the lookup, most likely: look again
			continue
		}
		if err != nil {
			return fmt.Errorf("follow session %q: %w", key, err)
		}
		if n > 0 || first {
			if err := flush(); err != nil {
				return err
			}
		}
		if !active {
			return nil
		}
		if err := f.pause(ctx); err != nil {
			return err
		}
	}
}

// copyFrom copies a trail from offset to its end.
func (f *Files) copyFrom(ctx context.Context, w io.Writer, t store.Trail, offset int64) (int64, error) {
	if t.Size == offset {
		return 0, nil
	}
	r, err := f.Open(ctx, t)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if _, err := r.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	return io.CopyN(w, r, t.Size-offset)
}

func pause(ctx context.Context) error {
	timer := time.NewTimer(pollInterval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
