package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// DownloadTrailFile downloads the audit trail of a session into a file, whole or not at
// all: it collects the trail in path + ".part" and renames that when everything is
// there, has been compared with the length that the server tells, and has reached the
// disk. Nobody but the user can read the file. Its directory has to exist.
//
// What an earlier call left behind, in this process or another, is continued if it is
// of the same session and the server still has the same trail, as its ETag tells;
// otherwise the download begins again, as it does when the trail changes on the way.
// path + ".part.json" is what that needs. So after an error the same call can be made
// again, or the two files be deleted. As long as it runs, path + ".part.lock" keeps
// others away.
//
// A file that exists is fs.ErrExist, unless opts say Overwrite. If another download
// writes the same file at the moment, the error is ErrTrailBusy. Everything else is as
// with DownloadTrail.
func (c *Client) DownloadTrailFile(ctx context.Context, sessionKey, path string, opts TrailOptions) (TrailInfo, error) {
	info, err := c.downloadTrailFile(ctx, sessionKey, path, opts)
	if err != nil {
		return info, fmt.Errorf("downloadTrail: %w", err)
	}
	return info, nil
}

func (c *Client) downloadTrailFile(ctx context.Context, key, path string, opts TrailOptions) (TrailInfo, error) {
	if err := checkKey(key); err != nil {
		return TrailInfo{}, err
	}
	if err := mayWrite(path, opts.Overwrite); err != nil {
		return TrailInfo{}, err
	}
	part, err := openPart(path, partState{Server: c.base.String(), Key: key, Format: opts.Format.orDefault()})
	if err != nil {
		return TrailInfo{}, err
	}
	defer part.release()
	d := &download{client: c, key: key, opts: opts, to: part, done: part.known}
	d.info.ETag, d.info.Size = part.state.ETag, part.state.Size
	if err := d.run(ctx); err != nil {
		if d.done == 0 {
			part.discard()
		}
		return d.info, err
	}
	if err := part.publish(path, opts.Overwrite); err != nil {
		return d.info, fmt.Errorf("%w: %w", ErrTrailWrite, err)
	}
	return d.info, nil
}

// mayWrite tells early what would be found out only after the download.
func mayWrite(path string, overwrite bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", path)
	case !overwrite:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return nil
}

// publish makes the file appear under its name, once it is safe on the disk.
func (p *partFile) publish(path string, overwrite bool) error {
	if err := errors.Join(p.Sync(), p.Close()); err != nil {
		return err
	}
	if err := rename(p.Name(), path, overwrite); err != nil {
		return err
	}
	_ = os.Remove(p.statePath) // of no use without the part
	return syncDir(path)
}

// rename replaces nothing unless it is told to.
func rename(from, to string, overwrite bool) error {
	if overwrite {
		return os.Rename(from, to)
	}
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := mayWrite(to, false); err != nil { // the file system may not have links
		return err
	}
	return os.Rename(from, to)
}
