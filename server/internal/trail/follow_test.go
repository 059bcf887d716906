package trail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob/memblob"

	"github.com/spskit/spskit/server/store"
)

// growing is a session whose trail is what the test makes it.
type growing struct {
	trail  store.Trail
	active bool
	err    error
	looks  int
	onLook func() // called before each look
}

func (g *growing) SessionTrail(context.Context, string) (store.Trail, bool, error) {
	g.looks++
	if g.onLook != nil {
		g.onLook()
	}
	return g.trail, g.active, g.err
}

// transcript records writes and flushes.
type transcript struct{ events []string }

func (w *transcript) Write(p []byte) (int, error) {
	w.events = append(w.events, string(p))
	return len(p), nil
}

func (w *transcript) flush() error {
	w.events = append(w.events, "flush")
	return nil
}

// pausing runs the steps one by one, instead of each pause.
func pausing(f *Files, steps ...func()) {
	f.pause = func(context.Context) error {
		if len(steps) == 0 {
			return errors.New("nothing more happens")
		}
		steps[0]()
		steps = steps[1:]
		return nil
	}
}

func TestFollow(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		g := &growing{trail: put(t, f, "a", "one"), active: true}
		grow := func(data string) {
			old := g.trail
			var err error
			if g.trail, err = f.Append(t.Context(), "a", old, []byte(data), testNow); err != nil {
				t.Fatal(err)
			}
			if err := f.Delete(t.Context(), old.Blob); err != nil {
				t.Fatal(err)
			}
		}
		pausing(f,
			func() { grow(" two") },
			func() {},
			func() { grow(" three"); grow(" four") },
			func() { grow(" five"); g.active = false },
		)
		var w transcript
		if err := f.Follow(t.Context(), g, "a", &w, w.flush); err != nil {
			t.Fatal(err)
		}
		want := []string{"one", "flush", " two", "flush", " three four", "flush", " five", "flush"}
		if diff := cmp.Diff(want, w.events); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestFollowClosedSession(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		content := strings.Repeat("x", 100_000)
		g := &growing{trail: put(t, f, "a", content)}
		pausing(f)
		var b bytes.Buffer
		if err := f.Follow(t.Context(), g, "a", &b, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		if b.String() != content || g.looks != 1 {
			t.Errorf("got %d bytes after %d looks", b.Len(), g.looks)
		}
	})
}

// The client gets its headers at once, even if there is nothing to send yet.
func TestFollowEmptyTrail(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		g := &growing{trail: put(t, f, "a", ""), active: true}
		var w transcript
		pausing(f, func() {}, func() { g.active = false })
		if err := f.Follow(t.Context(), g, "a", &w, w.flush); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"flush"}, w.events); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// A blob that is replaced between the look-up and the opening is looked up again;
// one that stays away is missing.
func TestFollowLooksAgain(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		gone := put(t, f, "a", "one")
		there := put(t, f, "a", "one two")
		if err := f.Delete(t.Context(), gone.Blob); err != nil {
			t.Fatal(err)
		}
		g := &growing{trail: gone}
		g.onLook = func() {
			if g.looks > 1 {
				g.trail = there
			}
		}
		pausing(f)
		var b bytes.Buffer
		if err := f.Follow(t.Context(), g, "a", &b, func() error { return nil }); err != nil || b.String() != "one two" {
			t.Errorf("got %q, %v", b.String(), err)
		}

		g = &growing{trail: gone, active: true}
		var w transcript
		if err := f.Follow(t.Context(), g, "a", &w, w.flush); !errors.Is(err, ErrMissing) || w.events != nil || g.looks != 2 {
			t.Errorf("missing: got %v after %d looks and %q", err, g.looks, w.events)
		}
	})
}

func TestFollowErrors(t *testing.T) {
	f := closing(t, New(memblob.OpenBucket(nil)))
	long, short := put(t, f, "a", "one two"), put(t, f, "a", "one")
	failure := errors.New("failure")

	t.Run("no such session", func(t *testing.T) {
		var w transcript
		g := &growing{err: store.ErrNotFound}
		if err := f.Follow(t.Context(), g, "a", &w, w.flush); !errors.Is(err, store.ErrNotFound) || w.events != nil {
			t.Errorf("got %v and %q", err, w.events)
		}
	})
	t.Run("shrunk", func(t *testing.T) {
		g := &growing{trail: long, active: true}
		pausing(f, func() { g.trail = short })
		if err := f.Follow(t.Context(), g, "a", io.Discard, func() error { return nil }); !errors.Is(err, ErrShrunk) {
			t.Errorf("got %v, want ErrShrunk", err)
		}
	})
	t.Run("deleted meanwhile", func(t *testing.T) {
		g := &growing{trail: long, active: true}
		pausing(f, func() { g.err = store.ErrNotFound })
		if err := f.Follow(t.Context(), g, "a", io.Discard, func() error { return nil }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
	t.Run("client gone", func(t *testing.T) {
		g := &growing{trail: long, active: true}
		pausing(f)
		r, w := io.Pipe()
		_ = r.CloseWithError(failure)
		if err := f.Follow(t.Context(), g, "a", w, func() error { return nil }); !errors.Is(err, failure) {
			t.Errorf("got %v, want %v", err, failure)
		}
	})
	t.Run("flush fails", func(t *testing.T) {
		g := &growing{trail: long, active: true}
		pausing(f)
		if err := f.Follow(t.Context(), g, "a", io.Discard, func() error { return failure }); !errors.Is(err, failure) {
			t.Errorf("got %v, want %v", err, failure)
		}
	})
}

// Real pauses: four looks a second, and an end as soon as the context ends.
func TestFollowPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := closing(t, New(memblob.OpenBucket(nil)))
		g := &growing{trail: put(t, f, "a", "one"), active: true}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		if err := f.Follow(ctx, g, "a", io.Discard, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if g.looks != 41 {
			t.Errorf("looked %d times in 10 s", g.looks)
		}
	})
}

func BenchmarkFollow(b *testing.B) {
	f, err := OpenDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	const size = 64 << 20
	stored, _, err := f.PutSession(b.Context(), "a", bytes.NewReader(make([]byte, size)), testNow)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		if err := f.Follow(b.Context(), &growing{trail: stored}, "a", io.Discard, func() error { return nil }); err != nil {
			b.Fatal(fmt.Errorf("follow: %w", err))
		}
	}
}
