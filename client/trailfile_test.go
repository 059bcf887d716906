package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/spskit/spskit/client"
)

// checkFiles compares the names in a directory.
func checkFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
		if info, err := e.Info(); err != nil || (runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0) {
			t.Errorf("others can read %s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the directory has %q, want %q", got, want)
	}
}

func checkContent(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes, want %d, or others; %v", path, len(got), len(want), err)
	}
}

func TestTrailFile(t *testing.T) {
	for name, size := range map[string]int{"usual": 300_000, "one byte": 1, "empty": 0} {
		h := &trailHandler{content: randomBytes(1, size), etag: `"tag"`}
		dir := t.TempDir()
		path := filepath.Join(dir, "trail.zat")
		info, err := h.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{})
		if err != nil || info.Size != int64(size) || info.Name != "1.zat" || info.ETag != `"tag"` {
			t.Errorf("%s: got %+v, %v", name, info, err)
		}
		checkContent(t, path, h.content)
		checkFiles(t, dir, "trail.zat")
	}
}

func TestTrailFileIsResumed(t *testing.T) {
	content, other := randomBytes(1, 1000), randomBytes(2, 900)
	gone := func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		fail(w, http.StatusForbidden, "Unauthorized", "{}")
		return true
	}
	for name, tt := range map[string]struct {
		between func(path string, h *trailHandler)
		key     string
		format  client.TrailFormat
		ranges  string // asked for by the second call
		want    []byte
	}{
		"same file":    {ranges: `bytes=400- "tag"`, want: content},
		"changed file": {between: func(_ string, h *trailHandler) { h.content, h.etag = other, `"new"` }, ranges: `bytes=400- "tag"`, want: other},
		"another key":  {key: "2", want: content},
		"other format": {format: client.TrailSRS, want: content},
		"all there":    {between: func(path string, _ *trailHandler) { write(t, path+".part", content) }, ranges: `bytes=999- "tag"`, want: content},
		"too long":     {between: func(path string, _ *trailHandler) { write(t, path+".part", append(content, 1)) }, want: content},
		"empty part":   {between: func(path string, _ *trailHandler) { write(t, path+".part", nil) }, want: content},
		"no state":     {between: func(path string, _ *trailHandler) { _ = os.Remove(path + ".part.json") }, want: content},
		"broken state": {between: func(path string, _ *trailHandler) { write(t, path+".part.json", []byte(`{"etag":`)) }, want: content},
		"weak state": {between: func(path string, _ *trailHandler) {
			raw, err := os.ReadFile(path + ".part.json")
			if err != nil {
				t.Error(err)
			}
			write(t, path+".part.json", bytes.ReplaceAll(raw, []byte(`\"tag\"`), []byte(`W/\"tag\"`)))
		}, want: content},
		"no part":        {between: func(path string, _ *trailHandler) { _ = os.Remove(path + ".part") }, want: content},
		"lock left over": {between: func(path string, _ *trailHandler) { write(t, path+".part.lock", nil) }, ranges: `bytes=400- "tag"`, want: content},
	} {
		t.Run(name, func(t *testing.T) {
			h := &trailHandler{content: content, etag: `"tag"`, cuts: []int{400}}
			h.broken = func(n int, w http.ResponseWriter, r *http.Request) bool { return n == 1 && gone(n, w, r) }
			f := newFake(t)
			f.Handle(trailPattern, h)
			c := f.client(t)
			dir := t.TempDir()
			path := filepath.Join(dir, "trail")
			if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); !errors.Is(err, client.ErrUnauthorized) {
				t.Fatalf("the first call says %v", err)
			}
			checkFiles(t, dir, "trail.part", "trail.part.json")
			checkContent(t, path+".part", content[:400])
			if tt.between != nil {
				tt.between(path, h)
			}
			key := "1"
			if tt.key != "" {
				key = tt.key
			}
			info, err := f.client(t).DownloadTrailFile(t.Context(), key, path, client.TrailOptions{Format: tt.format})
			if err != nil || info.Size != int64(len(tt.want)) || info.Name == "" {
				t.Errorf("the second call says %+v, %v", info, err)
			}
			checkContent(t, path, tt.want)
			checkFiles(t, dir, "trail")
			if got := h.asked()[2:]; len(got) != 1 || got[0] != tt.ranges {
				t.Errorf("the second call asked for %q, want %q", got, tt.ranges)
			}
		})
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Error(err)
	}
}

// A file that changes on the way is begun again, but not for ever.
func TestTrailFileThatChanges(t *testing.T) {
	for name, always := range map[string]bool{"once": false, "always": true} {
		h := &trailHandler{content: randomBytes(1, 1000), etag: `"tag0"`, cuts: []int{500, 400}}
		h.broken = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
			if n == 1 || always {
				h.etag = `"tag` + string(rune('0'+n)) + `"`
				h.content = randomBytes(byte(n), 1000)
				h.cuts = append(h.cuts, 300)
			}
			return false
		}
		if !always {
			h.cuts = []int{500}
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "trail")
		_, err := h.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{})
		if always {
			if !errors.Is(err, client.ErrTrailChanged) || len(h.asked()) > 10 {
				t.Errorf("%s: after %d requests %v", name, len(h.asked()), err)
			}
			checkFiles(t, dir, "trail.part", "trail.part.json")
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkContent(t, path, h.content)
	}
}

// What has no ETag cannot be continued, and is not.
func TestTrailFileWithoutETag(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 1000), cuts: []int{400}}
	dir := t.TempDir()
	path := filepath.Join(dir, "trail")
	c := h.client(t)
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the error is %v", err)
	}
	checkFiles(t, dir, "trail.part")
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); err != nil {
		t.Error(err)
	}
	checkContent(t, path, h.content)
	if got := h.asked(); !slices.Equal(got, []string{"", ""}) {
		t.Errorf("asked for %q", got)
	}
}

func TestTrailFileThatExists(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 1000), etag: `"tag"`}
	c := h.client(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "trail")
	write(t, path, []byte("precious"))
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	if _, err := c.DownloadTrailFile(t.Context(), "1", dir, client.TrailOptions{Overwrite: true}); err == nil {
		t.Error("it overwrites a directory")
	}
	if len(h.asked()) > 0 {
		t.Error("it asked the server before it looked")
	}
	checkContent(t, path, []byte("precious"))
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{Overwrite: true}); err != nil {
		t.Error(err)
	}
	checkContent(t, path, h.content)
	checkFiles(t, dir, "trail")
}

// A file that appears during the download isn't overwritten either.
func TestTrailFileThatAppears(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "trail")
	h := &trailHandler{content: randomBytes(1, 1000), etag: `"tag"`}
	h.broken = func(int, http.ResponseWriter, *http.Request) bool {
		write(t, path, []byte("precious"))
		return false
	}
	if _, err := h.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	checkContent(t, path, []byte("precious"))
}

func TestTrailFileLeavesNothingOfNothing(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") })
	dir := t.TempDir()
	if _, err := f.client(t).DownloadTrailFile(t.Context(), "1", filepath.Join(dir, "trail"), client.TrailOptions{}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
	checkFiles(t, dir)
	if _, err := f.client(t).DownloadTrailFile(t.Context(), "1", filepath.Join(dir, "none", "trail"), client.TrailOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the directory the error is %v", err)
	}
}

func TestTrailFileIsBusy(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 1000), etag: `"tag"`}
	dir := t.TempDir()
	path := filepath.Join(dir, "trail")
	other := flock.New(path + ".part.lock")
	if locked, err := other.TryLock(); !locked || err != nil {
		t.Fatal(locked, err)
	}
	write(t, path+".part", []byte("of the other"))
	c := h.client(t)
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); !errors.Is(err, client.ErrTrailBusy) {
		t.Errorf("the error is %v", err)
	}
	checkContent(t, path+".part", []byte("of the other"))
	if err := other.Unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); err != nil {
		t.Error(err)
	}
	checkContent(t, path, h.content)
}

// Of two that download the same at once only one writes, and the file is whole.
func TestTrailFileTwice(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 3<<20), etag: `"tag"`}
	f := newFake(t)
	f.Handle(trailPattern, h)
	path := filepath.Join(t.TempDir(), "trail")
	errs := make(chan error)
	for range 8 {
		c := f.client(t)
		go func() {
			_, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{})
			errs <- err
		}()
	}
	won := 0
	for range 8 {
		switch err := <-errs; {
		case err == nil:
			won++
		case !errors.Is(err, client.ErrTrailBusy) && !errors.Is(err, fs.ErrExist):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d have downloaded it", won)
	}
	checkContent(t, path, h.content)
}

// Somebody else's link must not lead the download to another file.
func TestTrailFileIsNoLink(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 1000), etag: `"tag"`}
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "trail")
	write(t, victim, []byte("precious"))
	if err := os.Symlink(victim, path+".part.json"); err != nil {
		t.Skip(err)
	}
	if _, err := h.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); err != nil {
		t.Error(err)
	}
	checkContent(t, victim, []byte("precious"))
	checkContent(t, path, h.content)
	path += "2"
	if err := os.Symlink(victim, path+".part"); err != nil {
		t.Skip(err)
	}
	if _, err := h.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("the error is %v", err)
	}
	checkContent(t, victim, []byte("precious"))
}

func TestTrailFileIsCancelled(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 4<<20), etag: `"tag"`}
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	path := filepath.Join(dir, "trail")
	c := h.client(t)
	_, err := c.DownloadTrailFile(ctx, "1", path, client.TrailOptions{Progress: func(client.TrailProgress) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	checkFiles(t, dir, "trail.part", "trail.part.json")
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); err != nil {
		t.Error(err)
	}
	checkContent(t, path, h.content)
	if got := h.asked(); len(got) != 2 || !strings.HasPrefix(got[1], "bytes=") {
		t.Errorf("asked for %q", got)
	}
}

func TestTrailProgress(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 3<<20), etag: `"tag"`, cuts: []int{1 << 20}}
	var told []client.TrailProgress
	var last time.Time
	opts := client.TrailOptions{Progress: func(p client.TrailProgress) {
		if now := time.Now(); p.Done < 3<<20 {
			if now.Sub(last) < 90*time.Millisecond {
				t.Errorf("told again after %v", now.Sub(last))
			}
			last = now
		}
		told = append(told, p)
	}}
	if _, _, err := h.client(t).DownloadTrail(t.Context(), "k", io.Discard, opts); err != nil {
		t.Fatal(err)
	}
	for i, p := range told {
		if p.Key != "k" || p.Total != 3<<20 || (i > 0 && p.Done < told[i-1].Done) {
			t.Errorf("told %+v", told)
		}
	}
	if n := len(told); n < 3 || told[n-1].Done != 3<<20 { // the resumption alone takes 100 ms
		t.Errorf("told %+v", told)
	}
}
