// Package private keeps files that belong to the user alone: written whole or not at
// all, with mode 0600, by one program at a time. It doesn't know what is in them.
package private

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Locked runs do while no other program changes the file at path. The lock is a file of
// its own beside it.
func Locked(path string, do func() error) error { return locked(path, (*flock.Flock).Lock, do) }

// ErrLocked says that another program has locked the file.
var ErrLocked = errors.New("another program is at it")

// TryLocked is Locked, and ErrLocked at once if another program has the lock.
func TryLocked(path string, do func() error) error {
	return locked(path, func(lock *flock.Flock) error {
		alone, err := lock.TryLock()
		if err == nil && !alone {
			err = ErrLocked
		}
		return err
	}, do)
}

func locked(path string, take func(*flock.Flock) error, do func() error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if err := take(lock); err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return do()
}

// Write puts data into the place of the file at path.
func Write(path string, data []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // people link to files that they keep elsewhere
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // has mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
		}
	}()
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// ErrExposed says that others may read or write a file that should be the user's alone.
var ErrExposed = errors.New("others have access to the file, or own it")

// Read reads a file unless others have access to it.
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no regular file")}
	case exposed(info):
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrExposed}
	}
	return io.ReadAll(f)
}
