package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// TrailFormat is a format of trail files.
type TrailFormat string

// The formats that the contract lists.
const (
	TrailZAT TrailFormat = "zat" // for replaying a finished session
	TrailSRS TrailFormat = "srs" // for following a session, which may still be going on
)

// TrailOptions is how to download a trail.
type TrailOptions struct {
	Format TrailFormat // what the server chooses if empty, which is TrailZAT
}

// TrailInfo is what the server says about a trail file.
type TrailInfo struct {
	Name         string    // proposed file name, never with a directory in it
	Size         int64     // in bytes; -1 if the server doesn't say, as for a session that goes on
	ETag         string    // changes when the file does; may be empty
	LastModified time.Time // zero if the server doesn't say
}

// ErrTrailWrite says that the writer given to DownloadTrail failed, not the server.
var ErrTrailWrite = errors.New("write the trail")

// DownloadTrail streams the audit trail of a session to w, of any size, and returns
// how many bytes it wrote. An answer that ends early is io.ErrUnexpectedEOF; what
// came until then has been written. ErrNotFound says that there is no such session,
// or that it has no trail.
//
// The client's timeout limits the wait for the beginning of the answer. After that
// only ctx does.
func (c *Client) DownloadTrail(ctx context.Context, sessionKey string, w io.Writer, opts TrailOptions) (int64, TrailInfo, error) {
	ctx, done := c.observe(ctx, "downloadTrail")
	n, info, err := c.downloadTrail(ctx, sessionKey, w, opts)
	done(err)
	if err != nil {
		return n, info, fmt.Errorf("downloadTrail: %w", err)
	}
	return n, info, nil
}

// FollowTrail streams the audit trail of a session to w while the session goes on, and
// returns when the session has ended. It is DownloadTrail with TrailSRS.
func (c *Client) FollowTrail(ctx context.Context, sessionKey string, w io.Writer) (int64, error) {
	n, _, err := c.DownloadTrail(ctx, sessionKey, w, TrailOptions{Format: TrailSRS})
	return n, err
}

func (c *Client) downloadTrail(ctx context.Context, sessionKey string, w io.Writer, opts TrailOptions) (int64, TrailInfo, error) {
	if err := checkKey(sessionKey); err != nil {
		return 0, TrailInfo{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, err := c.beginTrail(ctx, cancel, sessionKey, opts)
	if err != nil {
		return 0, TrailInfo{}, err
	}
	defer resp.Body.Close()
	info := trailInfo(resp, sessionKey, opts.Format)
	n, err := io.CopyBuffer(trailWriter{w}, trailReader{resp.Body}, make([]byte, 128<<10))
	if err == nil && info.Size >= 0 && n != info.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = fmt.Errorf("after %d bytes: %w", n, err)
	}
	return n, info, err
}

// beginTrail waits for the beginning of the answer, for as long as the timeout allows.
func (c *Client) beginTrail(ctx context.Context, cancel context.CancelCauseFunc, key string, opts TrailOptions) (*http.Response, error) {
	if c.timeout > 0 {
		timer := time.AfterFunc(c.timeout, func() {
			cancel(fmt.Errorf("no answer within %s: %w", c.timeout, context.DeadlineExceeded))
		})
		defer timer.Stop()
	}
	params := &api.DownloadTrailParams{Format: optional(api.TrailFormat(opts.Format))}
	resp, err := c.api.DownloadTrail(ctx, key, params, func(_ context.Context, req *http.Request) error {
		req.Header.Set("Accept", "application/octet-stream, application/json;q=0.5")
		req.Header.Set("Accept-Encoding", "identity") // keeps the length that is checked
		return nil
	})
	if err == nil {
		err = c.login.explain(ctx, checkTrail(resp))
	}
	if err == nil {
		return resp, nil
	}
	if resp != nil {
		_ = resp.Body.Close()
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return nil, err
}

// checkTrail refuses what cannot be a trail: a failure, a part that was not asked for,
// a page.
func checkTrail(resp *http.Response) error {
	const operation = "downloadTrail"
	if err := checkStatus(resp, operation); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return failure(resp, operation, &unexpectedError{reason: "the answer is not the whole file"})
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if media == "text/html" || isJSON(resp.Header) {
		return failure(resp, operation, &unexpectedError{reason: "the answer is " + media + ", not a trail"})
	}
	return nil
}

func trailInfo(resp *http.Response, key string, format TrailFormat) TrailInfo {
	info := TrailInfo{Size: resp.ContentLength, ETag: resp.Header.Get("ETag")}
	info.LastModified, _ = http.ParseTime(resp.Header.Get("Last-Modified"))
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		info.Name = fileName(params["filename"])
	}
	if info.Name == "" {
		if format == "" {
			format = TrailZAT
		}
		info.Name = fileName(key + "." + string(format))
	}
	return info
}

// fileName makes a harmless file name of whatever the server proposes.
func fileName(proposed string) string {
	name := path.Base(strings.ReplaceAll(printable(proposed), `\`, "/"))
	name = strings.TrimLeft(name, ".")
	if name == "/" || len(name) > 255 {
		return ""
	}
	return name
}

// trailWriter marks the writer's errors, and has nothing but Write, so that copying
// uses the large buffer it was given.
type trailWriter struct{ w io.Writer }

func (t trailWriter) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err != nil {
		return n, fmt.Errorf("%w: %w", ErrTrailWrite, err)
	}
	return n, nil
}

// trailReader has nothing but Read, for the same reason.
type trailReader struct{ r io.Reader }

func (t trailReader) Read(p []byte) (int, error) { return t.r.Read(p) }
