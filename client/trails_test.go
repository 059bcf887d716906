package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
)

// sessionsWith gives sessions that have nothing but a key.
func sessionsWith(keys ...string) iter.Seq2[client.Session, error] {
	return func(yield func(client.Session, error) bool) {
		for _, key := range keys {
			if !yield(client.Session{Key: key}, nil) {
				return
			}
		}
	}
}

// archive serves a trail for each key but "none", and counts what goes on at once.
type archive struct {
	mu              sync.Mutex
	now, most       int
	downloads, head int
	wait            chan struct{} // if there is one, downloads wait for it
}

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	if r.Method == http.MethodHead {
		a.head++
	} else {
		a.downloads++
	}
	a.now++
	a.most = max(a.most, a.now)
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.now--
		a.mu.Unlock()
	}()
	if a.wait != nil {
		select {
		case <-a.wait:
		case <-r.Context().Done():
			return
		}
	}
	key := r.PathValue("key")
	if key == "none" {
		fail(w, http.StatusNotFound, "NotFound", "{}")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="../../etc/passwd"`)
	w.Header().Set("ETag", `"`+fmt.Sprintf("%x", key)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(trailOf(key)))
}

func trailOf(key string) []byte { return bytes.Repeat([]byte(key+"\n"), 1000) }

func (a *archive) counts() (downloads, head, most int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.downloads, a.head, a.most
}

func TestTrails(t *testing.T) {
	a := &archive{}
	f := newFake(t)
	f.Handle(trailPattern, a)
	c := f.client(t)
	keys := []string{"none"}
	for i := range 30 {
		keys = append(keys, fmt.Sprintf("svc-%d", i))
	}
	dir := filepath.Join(t.TempDir(), "new", "trails")
	ended := map[string]int64{}
	opts := client.TrailOptions{Parallel: 3, Progress: func(p client.TrailProgress) { ended[p.Key] = p.Done }}
	var got []string
	for trail, err := range c.DownloadTrails(t.Context(), sessionsWith(keys...), dir, opts) {
		got = append(got, trail.Key)
		if trail.Key == "none" {
			if !errors.Is(err, client.ErrNotFound) {
				t.Errorf("without a trail the error is %v", err)
			}
			continue
		}
		if err != nil || trail.Skipped || trail.Path != filepath.Join(dir, trail.Key+".zat") || trail.Info.Name != "passwd" {
			t.Errorf("got %+v, %v", trail, err)
		}
		checkContent(t, trail.Path, trailOf(trail.Key))
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(keys)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, _, most := a.counts(); most > 3 {
		t.Errorf("%d at once", most)
	}
	if len(ended) != 30 || ended["svc-7"] != int64(len(trailOf("svc-7"))) {
		t.Errorf("progress of %d, %v", len(ended), slices.Collect(maps.Values(ended)))
	}

	// Again, with one file missing and one of another length.
	missing, short := filepath.Join(dir, "svc-3.zat"), filepath.Join(dir, "svc-4.zat")
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	write(t, short, []byte("short"))
	before, _, _ := a.counts()
	skipped := 0
	for trail, err := range c.DownloadTrails(t.Context(), sessionsWith(keys[1:]...), dir, client.TrailOptions{}) {
		if trail.Skipped {
			skipped++
		}
		if want := trail.Key == "svc-4"; want != errors.Is(err, fs.ErrExist) || (err != nil) != want {
			t.Errorf("%s: %v", trail.Key, err)
		}
	}
	downloads, head, _ := a.counts()
	if skipped != 28 || downloads != before+1 || head != 29 {
		t.Errorf("%d were skipped, with %d requests and %d downloads", skipped, head, downloads-before)
	}
	checkContent(t, missing, trailOf("svc-3"))
	checkContent(t, short, []byte("short"))
	f.expire()
	for trail, err := range c.DownloadTrails(t.Context(), sessionsWith("svc-5"), dir, client.TrailOptions{}) {
		if err != nil || !trail.Skipped {
			t.Errorf("without a login got %+v, %v", trail, err)
		}
	}
	write(t, filepath.Join(dir, "none.zat"), []byte("kept"))
	for _, err := range c.DownloadTrails(t.Context(), sessionsWith("none"), dir, client.TrailOptions{Overwrite: true}) {
		if !errors.Is(err, client.ErrNotFound) {
			t.Errorf("of a session that has gone: %v", err)
		}
	}
	checkContent(t, filepath.Join(dir, "none.zat"), []byte("kept"))
	for trail, err := range c.DownloadTrails(t.Context(), sessionsWith("svc-4"), dir, client.TrailOptions{Overwrite: true}) {
		if err != nil || trail.Skipped {
			t.Errorf("got %+v, %v", trail, err)
		}
	}
	checkContent(t, short, trailOf("svc-4"))
}

// However hostile a key is, the file is in the directory, and another key's is another.
func TestTrailsHaveHarmlessNames(t *testing.T) {
	f := newFake(t)
	f.Handle("GET /", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write([]byte(r.URL.EscapedPath()))
	}))
	c := f.client(t)
	long := strings.Repeat("x", 300)
	keys := []string{"a/b", `a\b`, "a%2Fb", "a:b", "../../x", "x", ".hidden", "a\x1b[2Jb", "a\nb", "svc/1/two:3", "é", "con", long, long + "1", " "}
	dir := t.TempDir()
	for trail, err := range c.DownloadTrails(t.Context(), sessionsWith(keys...), dir, client.TrailOptions{Format: client.TrailSRS}) {
		name := filepath.Base(trail.Path)
		if err != nil || filepath.Dir(trail.Path) != dir || len(name) > 240 || !strings.HasSuffix(name, ".srs") ||
			strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`/\:`, r) }) {
			t.Errorf("%q is in %q, %v", trail.Key, trail.Path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(keys) {
		t.Errorf("%d files of %d keys, %v", len(entries), len(keys), err)
	}
	for _, key := range []string{"", ".", ".."} {
		for _, err := range c.DownloadTrails(t.Context(), sessionsWith(key), dir, client.TrailOptions{}) {
			if err == nil {
				t.Errorf("it takes the key %q", key)
			}
		}
	}
}

func TestTrailsOfSessionsThatCannotBeRead(t *testing.T) {
	f := newFake(t)
	f.Handle(trailPattern, &archive{})
	broken := errors.New("no more sessions")
	sessions := func(yield func(client.Session, error) bool) {
		_ = yield(client.Session{Key: "one"}, nil) && yield(client.Session{}, broken)
	}
	results := map[string]error{}
	for trail, err := range f.client(t).DownloadTrails(t.Context(), sessions, t.TempDir(), client.TrailOptions{}) {
		results[trail.Key] = err
	}
	if err, ok := results["one"]; len(results) != 2 || !ok || err != nil || !errors.Is(results[""], broken) {
		t.Errorf("got %v", results)
	}
}

// Breaking out of the loop ends everything, and leaves nothing running.
func TestTrailsAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
			client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
				if !strings.Contains(r.URL.Path, "quick") {
					running.Add(1)
					defer running.Add(-1)
					return never(r)
				}
				<-time.After(time.Second)
				return response(r, 200, "application/octet-stream", strings.NewReader("content")), nil
			})))
		seen := 0
		for trail, err := range c.DownloadTrails(t.Context(), sessionsWith("slow", "quick", "slower", "slowest", "last"), t.TempDir(), client.TrailOptions{}) {
			seen++
			if trail.Key != "quick" || err != nil {
				t.Errorf("got %+v, %v", trail, err)
			}
			synctest.Wait()
			break
		}
		if n := running.Load(); n != 0 || seen != 1 {
			t.Errorf("%d are still running, after %d", n, seen)
		}
	}) // which fails if a goroutine is left
}

func TestTrailsAreCancelled(t *testing.T) {
	a := &archive{wait: make(chan struct{})}
	f := newFake(t)
	f.Handle(trailPattern, a)
	ctx, cancel := context.WithCancel(t.Context())
	endless := func(yield func(client.Session, error) bool) {
		for i := 0; yield(client.Session{Key: fmt.Sprint(i)}, nil); i++ {
			if i == 3 { // now four wait, for as many are downloaded at once
				cancel()
			}
		}
	}
	last := errors.New("nothing")
	for trail, err := range f.client(t).DownloadTrails(ctx, endless, t.TempDir(), client.TrailOptions{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %+v, %v", trail, err)
		}
		if trail.Key == "" {
			last = err
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("without a key %v", last)
	}
}

func TestTrailsWithoutADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	c := newFake(t).client(t)
	n := 0
	for trail, err := range c.DownloadTrails(t.Context(), sessionsWith("1"), file, client.TrailOptions{}) {
		if n++; !errors.Is(err, client.ErrTrailWrite) || trail.Key != "" {
			t.Errorf("got %+v, %v", trail, err)
		}
	}
	if n != 1 {
		t.Errorf("%d results", n)
	}
}

func TestIntegrationTrailsOfSessions(t *testing.T) {
	s, connect := start(t, "8.0")
	for i := range 6 {
		importTrail(t, s, fmt.Sprintf("svc~x~%d", i), 1, false, randomBytes(byte(i), 100_000+i))
	}
	c := connect()
	dir := t.TempDir()
	for _, again := range []bool{false, true} {
		n := 0
		for trail, err := range c.DownloadTrails(t.Context(), c.Sessions(t.Context(), client.SessionQuery{KeysOnly: true}), dir, client.TrailOptions{}) {
			n++
			if err != nil || trail.Skipped != again {
				t.Errorf("got %+v, %v", trail, err)
			}
		}
		if n != 6 {
			t.Errorf("%d trails", n)
		}
	}
	for i := range 6 {
		checkContent(t, filepath.Join(dir, fmt.Sprintf("svc%%7Ex%%7E%d.zat", i)), randomBytes(byte(i), 100_000+i))
	}
	downloads, err := client.Collect(c.TrailDownloads(t.Context(), "svc~x~0"))
	if err != nil || len(downloads) != 1 {
		t.Errorf("looking at what is there counts as a download: %+v, %v", downloads, err)
	}
}

// Pages of a list that changes repeat sessions.
func TestDownloadTrailsOfARepeatedSession(t *testing.T) {
	a := &archive{wait: make(chan struct{})}
	f := newFake(t)
	f.Handle(trailPattern, a)
	sessions := func(yield func(client.Session, error) bool) {
		sessionsWith("1", "1", "2")(yield)
		close(a.wait)
	}
	var keys []string
	for trail, err := range f.client(t).DownloadTrails(t.Context(), sessions, t.TempDir(), client.TrailOptions{}) {
		if err != nil {
			t.Error(err)
		}
		keys = append(keys, trail.Key)
	}
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"1", "2"}) {
		t.Errorf("got %q", keys)
	}
}

// Asking for the length of a trail that is there already is a call too.
func TestSkippedTrailIsObserved(t *testing.T) {
	f, n, dir := newFake(t), &notes{}, t.TempDir()
	f.Handle(trailPattern, &archive{})
	c := f.client(t, client.WithObserver(n))
	for range 2 {
		for _, err := range c.DownloadTrails(t.Context(), sessionsWith("1"), dir, client.TrailOptions{}) {
			if err != nil {
				t.Error(err)
			}
		}
	}
	if last := n.lines[len(n.lines)-1]; last != "downloadTrail ends after 1: ok" || !strings.HasPrefix(n.lines[len(n.lines)-2], `downloadTrail 1 in "downloadTrail": HEAD 200`) {
		t.Errorf("told %q", n.lines)
	}
}
