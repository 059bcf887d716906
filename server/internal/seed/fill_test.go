package seed

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/store"
)

func TestFillTwice(t *testing.T) {
	sessions, trails, _ := openData(t)
	const n = 250
	for round, want := range []Filled{{Stored: n}, {Skipped: n}} {
		g := mustNew(t, 5, n, 0.1)
		g.batch = 100
		if round == 0 {
			_, files := all(t, g, 100)
			want.Trails = len(files)
		}
		var last Filled
		got, err := g.Fill(t.Context(), sessions, trails, func(f Filled) { last = f })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", round+1, diff)
		}
		if last != got {
			t.Errorf("the last progress was %+v, the outcome %+v", last, got)
		}
	}
	if count, err := sessions.CountSessions(t.Context(), store.Filter{}, 1e6); err != nil || count != n {
		t.Errorf("stored %d sessions, %v", count, err)
	}
}

func TestFilledIsWhatWasMade(t *testing.T) {
	sessions, trails, _ := openData(t)
	g := mustNew(t, 5, 300, 0.2)
	if _, err := g.Fill(t.Context(), sessions, trails, nil); err != nil {
		t.Fatal(err)
	}
	made, files := all(t, g, 50)
	if len(files) < 20 {
		t.Fatalf("made %d trail files", len(files))
	}
	for i := range made {
		s := &made[i]
		file, hasTrail := files[s.Key]
		got, err := sessions.SessionBody(t.Context(), s.Key)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(body(t, s, store.Links{Trail: hasTrail})), string(got)); diff != "" {
			t.Errorf("body of session %s (-made +stored):\n%s", s.Key, diff)
		}
		trail, active, err := sessions.SessionTrail(t.Context(), s.Key)
		if !hasTrail {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("session %s has a trail: %v", s.Key, err)
			}
			continue
		}
		if err != nil || active {
			t.Fatalf("trail of session %s: active %v, %v", s.Key, active, err)
		}
		r, err := trails.Open(t.Context(), trail)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || !bytes.Equal(stored, file) {
			t.Errorf("the trail of session %s is not what was made, %v", s.Key, err)
		}
		if !bytes.HasPrefix(stored, []byte(trailHeader+s.Key+"\n")) {
			t.Errorf("the trail of session %s does not say what it is", s.Key)
		}
	}
}

func TestFillStopsAfterABatch(t *testing.T) {
	sessions, trails, _ := openData(t)
	ctx, cancel := context.WithCancel(t.Context())
	g := mustNew(t, 5, 1000, 0)
	g.batch = 100
	got, err := g.Fill(ctx, sessions, trails, func(Filled) { cancel() })
	if !errors.Is(err, context.Canceled) || got.Stored != g.batch {
		t.Errorf("Fill = %+v, %v", got, err)
	}
	if count, err := sessions.CountSessions(t.Context(), store.Filter{}, 1e6); err != nil || count != g.batch {
		t.Errorf("stored %d sessions, %v", count, err)
	}
}

// TestFillRemovesTrailsInVain has sessions in the store that are newer than the
// generator's, with trails of their own.
func TestFillRemovesTrailsInVain(t *testing.T) {
	sessions, trails, _ := openData(t)
	g := mustNew(t, 5, 100, 0.2)
	made, files := all(t, g, 100)
	var newer []store.Session
	for _, s := range made {
		if s.Trail != nil {
			other, _, err := trails.PutSession(t.Context(), s.Key, bytes.NewReader([]byte("another trail")), s.Start)
			if err != nil {
				t.Fatal(err)
			}
			s.Revision++
			s.Trail = &other
			newer = append(newer, s)
		}
	}
	if _, err := sessions.PutSessions(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	got, err := g.Fill(t.Context(), sessions, trails, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Filled{Stored: 100 - len(files), Skipped: len(files)}); got != want {
		t.Errorf("Fill = %+v, want %+v", got, want)
	}
	for batch := range g.Batches(t.Context(), 100) {
		for _, file := range batch.Trails {
			_, fresh, err := trails.PutSession(t.Context(), batch.Sessions[file.Session].Key, bytes.NewReader(file.File), file.Modified)
			if err != nil || !fresh {
				t.Errorf("the trail of session %s was left behind, %v", batch.Sessions[file.Session].Key, err)
			}
		}
	}
}
