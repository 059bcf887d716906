package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// partFile is the file that a download is collected in. As long as it is open, nobody
// else opens it.
type partFile struct {
	*os.File

	lock      *flock.Flock
	statePath string
	state     partState // without ETag if there is nothing to continue
	known     int64     // bytes that an earlier download has left
}

// partState says what a part is part of.
type partState struct {
	Server string      `json:"server"`
	Key    string      `json:"key"`
	Format TrailFormat `json:"format"`
	ETag   string      `json:"etag"`
	Size   int64       `json:"size"`
}

// openPart opens the part of the file at path, and finds out what there is of it.
func openPart(path string, wanted partState) (*partFile, error) {
	lock, err := lockFile(path + ".part.lock")
	if err != nil {
		return nil, err
	}
	p := &partFile{lock: lock, statePath: path + ".part.json", state: wanted}
	if err := p.open(path+".part", path); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// open opens the part of a file, which is made if it isn't there, and never through
// somebody's link.
func (p *partFile) open(path, of string) error {
	flag := os.O_RDWR
	part, err := os.Lstat(path)
	if err == nil {
		if whole, err := os.Lstat(of); err == nil && os.SameFile(part, whole) {
			// The program ended within publish: another name of the whole file is no part.
			if err := errors.Join(os.Remove(path), removeIfThere(p.statePath)); err != nil {
				return err
			}
			part = nil
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && part == nil:
		flag |= os.O_CREATE | os.O_EXCL
	case err != nil:
		return err
	case !part.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	}
	if p.File, err = os.OpenFile(path, flag, 0o600); err != nil {
		return err
	}
	if err := p.checkFile(); err != nil {
		return err
	}
	return p.findKnown()
}

// checkFile refuses a part that leads elsewhere, or that others could read.
func (p *partFile) checkFile() error {
	opened, err := p.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(p.Name())
	if err != nil {
		return err
	}
	if !named.Mode().IsRegular() || !os.SameFile(opened, named) {
		return fmt.Errorf("%s is not a regular file", p.Name())
	}
	return p.Chmod(0o600)
}

// findKnown makes the file end with what can be continued, and its offset too. Of a
// whole file it takes the last byte away, so that there is something to ask the server
// for, which then tells whether the file is still the same.
func (p *partFile) findKnown() error {
	info, err := p.Stat()
	if err != nil {
		return err
	}
	var found partState
	raw, err := os.ReadFile(p.statePath)
	if err == nil && json.Unmarshal(raw, &found) == nil {
		wanted := p.state
		wanted.ETag, wanted.Size = found.ETag, found.Size
		if found == wanted && strong(found.ETag) && info.Size() <= found.Size {
			p.state, p.known = found, max(0, min(info.Size(), found.Size-1))
		}
	}
	if err := p.Truncate(p.known); err != nil {
		return err
	}
	_, err = p.Seek(p.known, io.SeekStart)
	return err
}

// restart empties the file, and notes what it is going to be part of. In this order: a
// part that is cut short is continued as one, and one of another file is not.
func (p *partFile) restart(info TrailInfo) error {
	if err := p.Truncate(0); err != nil {
		return err
	}
	if _, err := p.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := removeIfThere(p.statePath); err != nil {
		return err
	}
	if !strong(info.ETag) || info.Size < 0 {
		return nil
	}
	p.state.ETag, p.state.Size = info.ETag, info.Size
	f, err := os.OpenFile(p.statePath, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // never through somebody's link
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(p.state), f.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// discard removes a part that holds nothing.
func (p *partFile) discard() {
	_ = p.Close()
	_ = os.Remove(p.Name())
	_ = os.Remove(p.statePath)
}

// release lets others have the file. Whatever fails about that is no failure of the
// download: a lock goes with the process at the latest, and its file does no harm.
func (p *partFile) release() {
	if p.File != nil {
		_ = p.Close() // publish has done so before, and looked at the error
	}
	removed := os.Remove(p.lock.Path()) == nil
	_ = p.lock.Close()
	if !removed && runtime.GOOS == "windows" { // which removes no open files
		_ = os.Remove(p.lock.Path())
	}
}

// lockFile takes a lock file that goes away with the lock, and makes sure that it has
// not just gone.
func lockFile(path string) (*flock.Flock, error) {
	for {
		flag := os.O_RDWR
		there, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			flag |= os.O_CREATE | os.O_EXCL // never through somebody's link
		case err != nil:
			return nil, err
		case !there.Mode().IsRegular():
			return nil, fmt.Errorf("%s is not a regular file", path)
		}
		lock := flock.New(path, flock.SetFlag(flag), flock.SetPermissions(0o600))
		locked, err := lock.TryLock()
		if errors.Is(err, fs.ErrExist) || there != nil && errors.Is(err, fs.ErrNotExist) { // it has come, or gone, just now
			continue
		}
		if err != nil {
			return nil, err
		}
		if !locked {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrTrailBusy), lock.Close())
		}
		held, err := lock.Stat()
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		if named, err := os.Lstat(path); err == nil && os.SameFile(held, named) {
			return lock, nil
		}
		if err := lock.Close(); err != nil {
			return nil, err
		}
	}
}

// syncDir makes sure that a file is still called so after a power failure, where the
// system can do that.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
