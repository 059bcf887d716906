package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Target is where an export goes. It counts what is written, also what earlier runs
// have written.
type Target struct {
	Offset int64 // bytes
	out    *bufio.Writer
	file   *os.File // nil if it isn't ours
}

// ToStream writes behind what earlier runs have written to the same stream.
func ToStream(w io.Writer, offset int64) *Target {
	return &Target{Offset: offset, out: bufio.NewWriterSize(w, 1<<16)}
}

// ErrShort says that a file is shorter than the checkpoint says.
var ErrShort = errors.New("the file is shorter than the checkpoint says: something was cut off since")

// ErrExists says that a file was not made by this export.
var ErrExists = errors.New("there is something in the file, and no checkpoint tells what")

// ToFile writes into a file behind offset, and cuts off what is there. A file that is
// gone, because somebody moved it away, is begun anew.
func ToFile(path string, offset int64) (_ *Target, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		offset = 0
		f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "write", Path: path, Err: errors.New("it is no regular file")}
	case info.Size() < offset:
		return nil, fmt.Errorf("%s: %w (it has %d bytes of %d)", path, ErrShort, info.Size(), offset)
	}
	if err := f.Truncate(offset); err != nil {
		return nil, err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return &Target{Offset: offset, out: bufio.NewWriterSize(f, 1<<16), file: f}, nil
}

// Vacant is an error unless there is no file at path, or an empty one.
func Vacant(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Size() > 0 || !info.Mode().IsRegular():
		return fmt.Errorf("%s: %w", path, ErrExists)
	}
	return nil
}

// Write writes, sooner or later.
func (t *Target) Write(p []byte) (int, error) {
	n, err := t.out.Write(p)
	t.Offset += int64(n)
	return n, err
}

// commit returns once everything is where it belongs.
func (t *Target) commit() error {
	if err := t.out.Flush(); err != nil || t.file == nil {
		return err
	}
	return t.file.Sync()
}

// Close drops what has not been committed.
func (t *Target) Close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
