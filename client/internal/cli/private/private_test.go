package private_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/spskit/spskit/client/internal/cli/private"
)

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"first", "second"} {
		if err := private.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := private.Read(path); string(got) != text || err != nil {
			t.Errorf("read %q, error %v", got, err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); len(left) != 1 || err != nil {
		t.Errorf("files are left: %v, error %v", left, err)
	}
	if _, err := private.Read(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := private.Read(filepath.Dir(path)); err == nil {
		t.Error("a directory is read")
	}
}

func TestReadRefusesExposedFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing there")
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := private.Write(path, nil); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[fs.FileMode]error{0o600: nil, 0o400: nil, 0o640: private.ErrExposed, 0o602: private.ErrExposed, 0o666: private.ErrExposed} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := private.Read(path); !errors.Is(err, want) {
			t.Errorf("mode %o: error %v, want %v", mode, err, want)
		}
	}
}

// A link to a file that is kept elsewhere stays one.
func TestWriteFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, []byte("old"), 0o600), os.Symlink(target, link)); err != nil {
		t.Skip(err)
	}
	if err := private.Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(target); string(got) != "new" || err != nil {
		t.Errorf("the target has %q, error %v", got, err)
	}
}

func TestLockedIsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "counter")
	const writers = 20
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			err := private.Locked(path, func() error {
				text, _ := os.ReadFile(path)
				n, _ := strconv.Atoi(string(text))
				return private.Write(path, []byte(strconv.Itoa(n+1)))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if text, err := os.ReadFile(path); string(text) != strconv.Itoa(writers) || err != nil {
		t.Errorf("counted %s of %d, error %v", text, writers, err)
	}
}

func TestTryLockedDoesNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	err := private.TryLocked(path, func() error {
		return private.TryLocked(path, func() error {
			t.Error("two are at it")
			return nil
		})
	})
	if !errors.Is(err, private.ErrLocked) {
		t.Errorf("error %v", err)
	}
	if err := private.TryLocked(path, func() error { return nil }); err != nil {
		t.Errorf("the lock stays: %v", err)
	}
}
