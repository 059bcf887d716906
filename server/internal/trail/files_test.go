package trail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob/memblob"

	"github.com/spskit/spskit/server/store"
)

var testNow = time.Date(2024, 5, 17, 8, 30, 0, 0, time.UTC)

// backEnds runs a test on a folder and in memory.
func backEnds(t *testing.T, test func(t *testing.T, f *Files)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		f, err := OpenDir(filepath.Join(t.TempDir(), "trails"))
		if err != nil {
			t.Fatal(err)
		}
		test(t, closing(t, f))
	})
	t.Run("memory", func(t *testing.T) { test(t, closing(t, New(memblob.OpenBucket(nil)))) })
}

func closing(t *testing.T, f *Files) *Files {
	t.Helper()
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func put(t *testing.T, f *Files, key, content string) store.Trail {
	t.Helper()
	stored, fresh, err := f.PutSession(t.Context(), key, strings.NewReader(content), testNow)
	if err != nil {
		t.Fatal(err)
	}
	if !fresh {
		t.Errorf("%s: %q was there before", key, content)
	}
	return stored
}

func read(t *testing.T, f *Files, stored store.Trail) string {
	t.Helper()
	r, err := f.Open(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestPutAndOpen(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		content := strings.Repeat("trail ", 100_000)
		sum := sha256.Sum256([]byte(content))
		want := store.Trail{
			Blob: "a.B_c~d-1/" + hex.EncodeToString(sum[:]), Size: 600_000, SHA256: hex.EncodeToString(sum[:]), Modified: testNow,
		}
		got := put(t, f, "a.B_c~d-1", content)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if read(t, f, got) != content {
			t.Error("the content differs")
		}
		again, fresh, err := f.PutSession(t.Context(), "a.B_c~d-1", strings.NewReader(content), testNow)
		if err != nil || fresh || again != got {
			t.Errorf("stored again: got %+v, %t, %v", again, fresh, err)
		}
	})
}

func TestSessionsDoNotShareFiles(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		a, b := put(t, f, "a", "same"), put(t, f, "b", "same")
		if err := f.Delete(t.Context(), a.Blob); err != nil {
			t.Fatal(err)
		}
		if got := read(t, f, b); got != "same" {
			t.Errorf("got %q", got)
		}
	})
}

func TestOpenSeeks(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		r, err := f.Open(t.Context(), put(t, f, "a", "0123456789"))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if size, err := r.Seek(0, io.SeekEnd); err != nil || size != 10 {
			t.Fatalf("end at %d, %v", size, err)
		}
		for _, offset := range []int64{7, 2, 0} {
			if _, err := r.Seek(offset, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 3)
			if _, err := io.ReadFull(r, got); err != nil || string(got) != "0123456789"[offset:offset+3] {
				t.Errorf("at %d: got %q, %v", offset, got, err)
			}
		}
	})
}

// The kernel can only copy a file to a socket when it gets to see the file.
func TestLocalFileIsExposed(t *testing.T) {
	f, err := OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	closing(t, f)
	r, err := f.Open(t.Context(), put(t, f, "a", "0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	conn, ok := r.(syscall.Conn)
	if !ok {
		t.Fatalf("a %T is no syscall.Conn", r)
	}
	if _, err := conn.SyscallConn(); err != nil {
		t.Error(err)
	}
}

func TestMissing(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		stored := put(t, f, "a", "x")
		for range 2 {
			if err := f.Delete(t.Context(), stored.Blob); err != nil {
				t.Fatal(err)
			}
		}
		_, err := f.Open(t.Context(), stored)
		if !errors.Is(err, ErrMissing) || !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrMissing and store.ErrNotFound", err)
		}
	})
}

func TestWrongSize(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		stored := put(t, f, "a", "x")
		stored.Size = 2
		if _, err := f.Open(t.Context(), stored); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want an error that is not ErrNotFound", err)
		}
	})
}

func TestAppend(t *testing.T) {
	backEnds(t, func(t *testing.T, f *Files) {
		old := put(t, f, "a", "one ")
		longer, err := f.Append(t.Context(), "a", old, []byte("two"), testNow.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, f, longer); got != "one two" || longer.Size != 7 || !longer.Modified.Equal(testNow.Add(time.Minute)) {
			t.Errorf("got %q, %+v", got, longer)
		}
		if got := read(t, f, old); got != "one " {
			t.Errorf("the old trail holds %q", got)
		}
	})
}

// changing is a file that is not the same when it is read again.
type changing struct{ *bytes.Reader }

func (c changing) Seek(int64, int) (int64, error) {
	c.Reset([]byte("two"))
	return 0, nil
}

// broken is a file that cannot be read to its end.
type broken struct{ io.Reader }

func (broken) Seek(int64, int) (int64, error) { return 0, errors.New("cannot seek") }

func TestFailedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, f)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, put := range map[string]func() error{
		"changing": func() error {
			_, _, err := f.PutSession(t.Context(), "a", changing{bytes.NewReader([]byte("one"))}, testNow)
			return err
		},
		"unreadable": func() error {
			_, _, err := f.PutSession(t.Context(), "a", broken{strings.NewReader("one")}, testNow)
			return err
		},
		"canceled": func() error {
			_, _, err := f.PutSession(canceled, "a", strings.NewReader("one"), testNow)
			return err
		},
	} {
		if err := put(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s was left behind", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenURL(t *testing.T) {
	f, err := Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	closing(t, f)
	if got := read(t, f, put(t, f, "a", "x")); got != "x" {
		t.Errorf("got %q", got)
	}
	if _, err := Open(t.Context(), "nonsense://"); err == nil {
		t.Error("an unknown scheme is accepted")
	}
}
