package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// TrailFormat is a format of trail files.
type TrailFormat string

// The formats that the contract lists.
const (
	TrailZAT TrailFormat = "zat" // for replaying a finished session
	TrailSRS TrailFormat = "srs" // for following a session, which may still be going on
)

// DefaultTrailIdleTimeout is how long a download may bring nothing before it counts as
// broken, unless TrailOptions say otherwise.
const DefaultTrailIdleTimeout = time.Minute

// TrailOptions is how to download a trail. The zero value will do.
type TrailOptions struct {
	Format TrailFormat // what the server chooses if empty, which is TrailZAT

	// Progress, if there is one, is told how far the download is: at its first bytes,
	// then at most every 100 ms, and at its end, well or not, if that is further. It
	// holds up the download while it runs. It is never called twice at once, not even
	// by DownloadTrails.
	Progress func(TrailProgress)

	// IdleTimeout is how long the server may send nothing. 0 is DefaultTrailIdleTimeout,
	// or no limit if a session that goes on is followed; below 0 is no limit.
	IdleTimeout time.Duration

	Overwrite bool // into files: replace one that exists
	Parallel  int  // DownloadTrails: how many at a time; 4 if 0
}

// TrailProgress is how far a download is.
type TrailProgress struct {
	Key   string // of the session
	Done  int64  // bytes that are written, those of an earlier run included
	Total int64  // bytes of the trail; -1 if the server doesn't say
}

// TrailInfo is what the server says about a trail file.
type TrailInfo struct {
	Name         string    // proposed file name, never with a directory in it
	Size         int64     // in bytes; -1 if the server doesn't say, as for a session that goes on
	ETag         string    // changes when the file does; may be empty
	LastModified time.Time // zero if the server doesn't say
}

// What can go wrong with a download besides the server's failures.
var (
	// ErrTrailWrite says that the writer or the file failed, not the server.
	ErrTrailWrite = errors.New("write the trail")
	// ErrTrailChanged says that the trail changed while it was downloaded, so that what
	// has been written and what the server has now don't belong together.
	ErrTrailChanged = errors.New("the trail has changed meanwhile")
	// ErrTrailStalled says that the server sent nothing for the IdleTimeout.
	ErrTrailStalled = errors.New("the trail has stalled")
	// ErrTrailBusy says that somebody else is downloading into the same file.
	ErrTrailBusy = errors.New("another download writes this file")
)

// DownloadTrail streams the audit trail of a session to w, of any size, and returns
// how many bytes it wrote. ErrNotFound says that there is no such session, or that it
// has no trail.
//
// When the connection breaks off or stalls, the rest is asked for, so that w gets every
// byte once; after some attempts without any progress the download gives up. That
// takes a server that knows ranges and tells the trail's length and a strong ETag, as
// it does unless the session still goes on. Whether the trail is still the same is
// checked each time; if it isn't, the error is ErrTrailChanged.
//
// A nil error means that w got the whole trail, as long as the server said it is. An
// answer that ended early is io.ErrUnexpectedEOF; what came until then has been
// written.
//
// The client's timeout limits the wait for the beginning of an answer. After that only
// ctx does, and the IdleTimeout.
func (c *Client) DownloadTrail(ctx context.Context, sessionKey string, w io.Writer, opts TrailOptions) (int64, TrailInfo, error) {
	d := &download{client: c, key: sessionKey, opts: opts, to: w}
	if err := d.run(ctx); err != nil {
		return d.done, d.info, fmt.Errorf("downloadTrail: %w", err)
	}
	return d.done, d.info, nil
}
