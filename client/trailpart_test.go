package client_test

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/spskit/spskit/client"
)

// A program that ended while it published a trail leaves two names of one file.
func TestPartThatIsThePublishedFile(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) { fail(w, 503, "ServiceUnavailable", "{}") })
	path := filepath.Join(t.TempDir(), "trail")
	if err := errors.Join(os.WriteFile(path, []byte("published"), 0o600), os.Link(path, path+".part")); err != nil {
		t.Skip(err)
	}
	if _, err := f.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{Overwrite: true}); err == nil {
		t.Error("no error")
	}
	if got, err := os.ReadFile(path); string(got) != "published" || err != nil {
		t.Errorf("the published file has %q, %v", got, err)
	}
}

// Whoever may write in the directory must not have us write elsewhere.
func TestPartThatIsALinkToNowhere(t *testing.T) {
	for _, suffix := range []string{".part", ".part.lock"} {
		h := &trailHandler{content: randomBytes(1, 100), etag: `"tag"`}
		dir := t.TempDir()
		path, target := filepath.Join(dir, "trail"), filepath.Join(dir, "target")
		if err := os.Symlink(target, path+suffix); err != nil {
			t.Skip(err)
		}
		if _, err := h.client(t).DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); err == nil {
			t.Errorf("%s: no error", suffix)
		}
		if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the link was followed, %v", suffix, err)
		}
	}
}
