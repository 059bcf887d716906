package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
)

// importTest is a store, a folder of trails, and a folder to import from.
type importTest struct {
	store    store.Store
	trails   *trail.Files
	trailDir string
	dir      string
	progress []Progress
	*Importer
}

func newImportTest(t *testing.T) *importTest {
	t.Helper()
	i := &importTest{store: newStore(t), trailDir: t.TempDir(), dir: t.TempDir()}
	var err error
	if i.trails, err = trail.OpenDir(i.trailDir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.trails.Close(); err != nil {
			t.Error(err)
		}
	})
	i.Importer = &Importer{
		Sessions: i.store, Trails: i.trails, BatchSize: 2,
		Progress: func(p Progress) { i.progress = append(i.progress, p) },
		Now:      func() time.Time { return testNow },
	}
	return i
}

func (i *importTest) write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(i.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// keys returns the keys of all sessions, newest first.
func (i *importTest) keys(t *testing.T) []string {
	t.Helper()
	var keys []string
	err := i.store.WalkSessions(t.Context(), store.Page{Limit: 1000}, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// blobs returns the names of all stored trail files.
func (i *importTest) blobs(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(i.trailDir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func line(key string, revision int, more string) string {
	return fmt.Sprintf(`{"key":%q,"body":{"revision":%d,"start_time":"2024-01-01T00:00:%02dZ"}%s}`, key, revision, key[len(key)-1]%60, more)
}

func TestImportGuideSession(t *testing.T) {
	i := newImportTest(t)
	path := i.write(t, "guide.ndjson", `{"key":"rUhhQZ3jYsY1NDWYp9DEpq","body":`+guideSession+`}`)
	got, err := i.Import(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Imported{Stored: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	body, err := i.store.SessionBody(t.Context(), "rUhhQZ3jYsY1NDWYp9DEpq")
	if err != nil {
		t.Fatal(err)
	}
	var stored, given map[string]any
	if err := decodeJSON(body, &stored); err != nil {
		t.Fatal(err)
	}
	if err := decodeJSON([]byte(guideSession), &given); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"alerts", "channels", "events", "indexing"} {
		given[what] = href("rUhhQZ3jYsY1NDWYp9DEpq", what)
	}
	if diff := cmp.Diff(given, stored); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestImportDirectory(t *testing.T) {
	i := newImportTest(t)
	i.write(t, "b.ndjson", line("b1", 1, ""), "", line("b2", 1, `,"trail":"t/b.zat"`), "")
	i.write(t, "a.ndjson", line("a1", 1, "")+"\r", line("b2", 0, ""), line("a3", 1, ""))
	i.write(t, "t/b.zat", "trail of b2")
	i.write(t, "other.txt", "not a line")
	i.write(t, "deeper/c.ndjson", "not a line")
	got, err := i.Import(t.Context(), i.dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Imported{Stored: 5, Trails: 1, TrailBytes: 11}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if diff := cmp.Diff([]string{"a3", "b2", "b1", "a1"}, i.keys(t)); diff != "" {
		t.Errorf("keys (-want +got)\n%s", diff)
	}
	last := i.progress[len(i.progress)-1]
	if last.Read != last.Size || last.Read == 0 || last.Imported != got || len(i.progress) != 3 {
		t.Errorf("progress %+v", i.progress)
	}
}

func TestImportAgainChangesNothing(t *testing.T) {
	i := newImportTest(t)
	i.write(t, "a.ndjson", line("a1", 1, `,"trail":"a.zat"`), line("a2", 1, ""), line("a3", 1, `,"trail":"a.zat"`))
	i.write(t, "a.zat", "the trail")
	if _, err := i.Import(t.Context(), i.dir); err != nil {
		t.Fatal(err)
	}
	before, blobs := i.keys(t), i.blobs(t)
	got, err := i.Import(t.Context(), i.dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Imported{Skipped: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if diff := cmp.Diff(before, i.keys(t)); diff != "" {
		t.Errorf("keys (-before +after)\n%s", diff)
	}
	if diff := cmp.Diff(blobs, i.blobs(t)); diff != "" || len(blobs) != 2 {
		t.Errorf("blobs (-before +after)\n%s", diff)
	}
}

func TestImportNewRevisionReplacesTrail(t *testing.T) {
	i := newImportTest(t)
	i.write(t, "old.zat", "old")
	i.write(t, "new.zat", "newer")
	steps := []struct {
		revision int
		trail    string
		want     Imported
		holds    string
	}{
		{1, `,"trail":"old.zat"`, Imported{Stored: 1, Trails: 1, TrailBytes: 3}, "old"},
		{1, `,"trail":"new.zat"`, Imported{Skipped: 1}, "old"},
		{2, `,"trail":"new.zat"`, Imported{Stored: 1, Trails: 1, TrailBytes: 5}, "newer"},
		{3, ``, Imported{Stored: 1}, "newer"},
		{4, `,"trail":"new.zat"`, Imported{Stored: 1}, "newer"},
	}
	for n, step := range steps {
		path := i.write(t, "a.ndjson", line("a", step.revision, step.trail))
		got, err := i.Import(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if got != step.want {
			t.Errorf("step %d: got %+v, want %+v", n, got, step.want)
		}
		if holds := i.trailOf(t, "a"); holds != step.holds {
			t.Errorf("step %d: the trail holds %q, want %q", n, holds, step.holds)
		}
		if blobs := i.blobs(t); len(blobs) != 1 {
			t.Errorf("step %d: blobs %q", n, blobs)
		}
	}
}

func (i *importTest) trailOf(t *testing.T, key string) string {
	t.Helper()
	stored, _, err := i.store.SessionTrail(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	r, err := i.trails.Open(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImportStopsAtBadLine(t *testing.T) {
	tests := []struct {
		name, bad, want string
		validate        Validate
	}{
		{"syntax", `{"key"`, "malformed JSON", nil},
		{"key", `{"key":"a/b","body":{"start_time":"2024-01-01"}}`, "key", nil},
		{"value", `{"key":"x","body":{"start_time":"yesterday"}}`, "body.start_time", nil},
		{"no trail file", line("x", 1, `,"trail":"none.zat"`), `trail "`, nil},
		{"trail outside", line("x", 1, `,"trail":"link.zat"`), `trail "`, nil},
		{"trail is a directory", line("x", 1, `,"trail":"."`), `trail "`, nil},
		{"too long", `{"key":"` + strings.Repeat("x", maxLineSize) + `"}`, "longer", nil},
		{"contract", line("wrong", 1, ""), "body: wrong", func(_ string, value any) error {
			if fmt.Sprint(value) != "" && strings.Contains(fmt.Sprint(value), "/wrong/") {
				return errors.New("wrong")
			}
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := newImportTest(t)
			i.Validate = tt.validate
			outside := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(i.dir, "link.zat")); err != nil {
				t.Fatal(err)
			}
			i.write(t, "good.zat", "good")
			path := i.write(t, "a.ndjson",
				line("a1", 1, ""), line("a2", 1, ""),
				line("a3", 1, `,"trail":"good.zat"`), tt.bad,
				line("a5", 1, ""))
			got, err := i.Import(t.Context(), path)
			var lineError *LineError
			if !errors.As(err, &lineError) || lineError.Line != 4 || lineError.File != path || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want a *LineError of line 4 with %q", err, tt.want)
			}
			if want := (Imported{Stored: 2}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if diff := cmp.Diff([]string{"a2", "a1"}, i.keys(t)); diff != "" {
				t.Errorf("keys (-want +got)\n%s", diff)
			}
			if blobs := i.blobs(t); len(blobs) != 0 {
				t.Errorf("blobs %q were left behind", blobs)
			}
		})
	}
}

// failingSessions fails to store.
type failingSessions struct{ store.Store }

var errFull = errors.New("the disk is full")

func (failingSessions) PutSessions(context.Context, []store.Session) (store.PutResult, error) {
	return store.PutResult{}, errFull
}

func TestImportCleansUpAfterFailure(t *testing.T) {
	i := newImportTest(t)
	i.write(t, "a.zat", "one")
	path := i.write(t, "a.ndjson", line("a", 1, `,"trail":"a.zat"`))
	if _, err := i.Import(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	blobs := i.blobs(t)

	i.Sessions = failingSessions{i.store}
	i.write(t, "a.zat", "two")
	i.write(t, "a.ndjson", line("a", 2, `,"trail":"a.zat"`), line("b", 2, `,"trail":"a.zat"`))
	got, err := i.Import(t.Context(), path)
	if !errors.Is(err, errFull) || got != (Imported{}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if diff := cmp.Diff(blobs, i.blobs(t)); diff != "" {
		t.Errorf("blobs (-before +after)\n%s", diff)
	}
	if holds := i.trailOf(t, "a"); holds != "one" {
		t.Errorf("the trail holds %q", holds)
	}
}

func TestImportOfNothing(t *testing.T) {
	i := newImportTest(t)
	if _, err := i.Import(t.Context(), i.dir); err == nil || !strings.Contains(err.Error(), "no *.ndjson") {
		t.Errorf("empty directory: got %v", err)
	}
	if _, err := i.Import(t.Context(), filepath.Join(i.dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v", err)
	}
	got, err := i.Import(t.Context(), i.write(t, "empty.ndjson", ""))
	if err != nil || got != (Imported{}) {
		t.Errorf("empty file: got %+v, %v", got, err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.Import(canceled, i.write(t, "a.ndjson", line("a", 1, ""))); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
	if keys := i.keys(t); keys != nil {
		t.Errorf("keys %q", keys)
	}
}

// A line that does not fit into the reader's buffer is read as a whole.
func TestImportLongLine(t *testing.T) {
	i := newImportTest(t)
	text := strings.Repeat("word ", 1<<18)
	path := i.write(t, "a.ndjson", line("a", 1, `,"content":[{"kind":"screen","time":"2024-01-01","text":"`+text+`"}]`), line("b", 1, ""))
	got, err := i.Import(t.Context(), path)
	if err != nil || got.Stored != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	content, err := i.store.SessionPart(t.Context(), "a", store.PartContent)
	if err != nil || !bytes.Contains(content, []byte(text)) {
		t.Errorf("content of %d bytes, %v", len(content), err)
	}
}
