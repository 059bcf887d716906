package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	trailBuffer   = 128 << 10
	trailReports  = 100 * time.Millisecond // least time between two calls of Progress
	trailPause    = 100 * time.Millisecond // before the next attempt; twice as long after each in vain
	trailWait     = 30 * time.Second       // longest that a server may ask for
	trailAttempts = 8                      // in vain, one after the other, before a download gives up
	trailRestarts = 3                      // of a file that keeps changing
)

// download is one trail on its way to a writer, in as many requests as it takes.
type download struct {
	client *Client
	key    string
	opts   TrailOptions
	to     io.Writer

	info     TrailInfo // of the file, once begun; before that what an earlier run knew
	done     int64     // bytes of it that have been written
	begun    bool      // there was an answer
	most     int64     // what done was when an attempt last brought something
	restarts int
	told     time.Time // when Progress was last called
	toldDone int64     // and what it was told
	buffer   []byte
}

// restarter is a writer that can begin again, for another version of the file.
type restarter interface {
	restart(TrailInfo) error
}

// run downloads until all is there, or there is no point in going on.
func (d *download) run(ctx context.Context) (err error) {
	if err := checkKey(d.key); err != nil {
		return err
	}
	ctx, observed := d.client.observe(ctx, "downloadTrail")
	defer func() { observed(err) }()
	d.most = d.done
	err = d.attempts(ctx)
	if !d.begun {
		return err
	}
	if d.told.IsZero() || d.toldDone != d.done {
		d.report(time.Now())
	}
	if err != nil {
		return fmt.Errorf("after %d bytes: %w", d.done, err)
	}
	return nil
}

func (d *download) attempts(ctx context.Context) error {
	for vain := 0; ; {
		err := d.attempt(ctx)
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrTrailChanged) && d.startAgain() {
			continue
		}
		progress := d.done > d.most
		if progress {
			vain, d.most = 0, d.done
		} else {
			vain++
		}
		// A server that brings nothing until the time is up, twice running, is not
		// worth waiting for again.
		hopeless := vain == trailAttempts || !progress && errors.Is(err, ErrTrailStalled)
		if hopeless || !d.resumable(ctx, err) {
			return err
		}
		wait := trailPause << vain
		if failure, ok := errors.AsType[*Error](err); ok {
			wait = max(wait, failure.RetryAfter)
		}
		if wait > trailWait {
			return err
		}
		if pause(ctx, wait) != nil {
			return context.Cause(ctx)
		}
	}
}

// resumable tells whether another request may bring what this one didn't.
func (d *download) resumable(ctx context.Context, err error) bool {
	if !d.begun || d.info.Size < 0 || !strong(d.info.ETag) || ctx.Err() != nil {
		return false
	}
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Status >= http.StatusInternalServerError || failure.Status == http.StatusTooManyRequests
	}
	for _, final := range []error{ErrTrailWrite, ErrTrailChanged, ErrRedirected, ErrUnexpectedAnswer} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}

// attempt makes one request for what is missing, and writes what it brings.
func (d *download) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := trailRequest{key: d.key, format: d.opts.Format, from: d.done, etag: d.info.ETag}
	resp, err := d.client.beginTrail(ctx, cancel, r)
	if r.from > 0 && errors.Is(err, ErrRangeNotSatisfiable) {
		return fmt.Errorf("%w: %w", ErrTrailChanged, err) // it has become shorter
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	known, err := d.accept(resp, r)
	if err != nil {
		return err
	}
	return d.copy(ctx, cancel, resp.Body, known)
}

// accept takes note of an answer, and tells how many of the bytes that it begins with
// have been written already.
func (d *download) accept(resp *http.Response, r trailRequest) (known int64, err error) {
	info := trailInfo(resp, r)
	if resp.StatusCode == http.StatusPartialContent {
		if err := checkRest(resp, d.done, d.info); err != nil {
			return 0, err
		}
		info.Size = d.info.Size
		d.info, d.begun = info, true
		return 0, nil
	}
	if d.done > 0 && info.ETag == d.info.ETag && info.Size == d.info.Size && strong(info.ETag) {
		d.info, d.begun = info, true
		return d.done, nil // the same file, of a server that knows no ranges
	}
	if d.done > 0 && !d.startAgain() {
		return 0, ErrTrailChanged
	}
	d.info, d.begun = info, true
	if to, ok := d.to.(restarter); ok {
		if err := to.restart(info); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrTrailWrite, err)
		}
	}
	return 0, nil
}

// startAgain forgets what has been written, if that can be taken back, and tells
// whether it did. A file that changes over and over has no end.
func (d *download) startAgain() bool {
	if _, ok := d.to.(restarter); !ok || d.restarts == trailRestarts {
		return false
	}
	d.restarts++
	d.done, d.most = 0, 0
	return true
}

// copy writes what comes, up to the end of the file, without the first known bytes.
func (d *download) copy(ctx context.Context, cancel context.CancelCauseFunc, body io.Reader, known int64) error {
	if d.buffer == nil {
		d.buffer = make([]byte, trailBuffer)
	}
	idle := d.idleTimeout()
	timer := time.AfterFunc(idle, func() {
		cancel(fmt.Errorf("%w: no byte came for %s", ErrTrailStalled, idle))
	})
	defer timer.Stop()
	for {
		if err := ctx.Err(); err != nil { // or what is on the way would still come
			return d.end(ctx, err)
		}
		n, err := body.Read(d.buffer)
		if n > 0 {
			timer.Stop() // the writer may take its time
			skipped := min(known, int64(n))
			known -= skipped
			if err := d.write(d.buffer[skipped:n]); err != nil {
				return err
			}
			timer.Reset(idle)
		}
		if err != nil {
			return d.end(ctx, err)
		}
	}
}

// write writes a piece, and never more than the file has.
func (d *download) write(p []byte) error {
	excess := d.info.Size >= 0 && int64(len(p)) > d.info.Size-d.done
	if excess {
		p = p[:d.info.Size-d.done]
	}
	n, err := d.to.Write(p)
	d.done += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTrailWrite, err)
	}
	if excess {
		return fmt.Errorf("%w: more comes than the %d bytes that were announced", ErrUnexpectedAnswer, d.info.Size)
	}
	if d.opts.Progress != nil {
		if now := time.Now(); now.Sub(d.told) >= trailReports {
			d.report(now)
		}
	}
	return nil
}

// end says what the end of a body means.
func (d *download) end(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case d.done == d.info.Size:
		return nil // all is there, however the connection ended
	case cause != nil:
		return cause
	case errors.Is(err, io.EOF) && d.info.Size < 0:
		return nil
	}
	return brokenOff(err)
}

// brokenOff is io.ErrUnexpectedEOF with what the network has to say about it.
func brokenOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
}

func (d *download) report(now time.Time) {
	if d.opts.Progress != nil {
		d.told, d.toldDone = now, d.done
		d.opts.Progress(TrailProgress{Key: d.key, Done: d.done, Total: d.info.Size})
	}
}

// idleTimeout is for ever, as far as a timer goes, if there is none.
func (d *download) idleTimeout() time.Duration {
	const never = 1<<63 - 1
	switch {
	case d.opts.IdleTimeout > 0:
		return d.opts.IdleTimeout
	case d.opts.IdleTimeout < 0, d.opts.Format == TrailSRS && d.info.Size < 0:
		return never
	}
	return DefaultTrailIdleTimeout
}
