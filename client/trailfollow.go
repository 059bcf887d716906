package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// FollowTrail reads the audit trail of a session while the session goes on. The reader
// waits for what is recorded next, and gives io.EOF once the session has ended and all
// of its trail has been read; a session that has ended already is read to its end. When
// the connection breaks off before, the error is io.ErrUnexpectedEOF. The caller closes
// the reader, which may be done while another goroutine reads; ctx ends it too.
//
// A server has no ranges of a trail that still grows, so FollowTrail cannot go on where
// another one broke off. Called again, it begins with the first byte.
//
// There is no limit for how long nothing may come. The client's timeout limits the wait
// for the beginning of the answer.
func (c *Client) FollowTrail(ctx context.Context, sessionKey string) (io.ReadCloser, TrailInfo, error) {
	if err := checkKey(sessionKey); err != nil {
		return nil, TrailInfo{}, fmt.Errorf("downloadTrail: %w", err)
	}
	ctx, observed := c.observe(ctx, "downloadTrail")
	ctx, cancel := context.WithCancelCause(ctx)
	r := trailRequest{key: sessionKey, format: TrailSRS}
	resp, err := c.beginTrail(ctx, cancel, r) //nolint:bodyclose // the reader's Close does it
	if err != nil {
		cancel(nil)
		observed(err)
		return nil, TrailInfo{}, fmt.Errorf("downloadTrail: %w", err)
	}
	info := trailInfo(resp, r)
	return &followedTrail{ctx: ctx, cancel: cancel, body: resp.Body, size: info.Size, observed: observed}, info, nil
}

// followedTrail is the body of an answer, with errors that tell its end from a break.
type followedTrail struct {
	ctx    context.Context // the answer's, which cancel ends
	cancel context.CancelCauseFunc
	body   io.ReadCloser
	size   int64 // -1 if unknown
	done   int64
	err    error // that all further reads get

	observed func(error)
	once     sync.Once // for observed
}

func (t *followedTrail) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.body.Read(p)
	if t.size >= 0 && int64(n) > t.size-t.done {
		n = int(t.size - t.done)
		err = fmt.Errorf("%w: more comes than the %d bytes that were announced", ErrUnexpectedAnswer, t.size)
	}
	t.done += int64(n)
	if err == nil {
		return n, nil
	}
	t.err = t.ending(err)
	t.cancel(nil)
	t.once.Do(func() {
		if t.err == io.EOF { //nolint:errorlint // it is bare
			t.observed(nil)
			return
		}
		t.observed(t.err)
	})
	return n, t.err
}

func (t *followedTrail) ending(err error) error {
	switch cause := context.Cause(t.ctx); {
	case err == io.EOF && (t.size < 0 || t.size == t.done): //nolint:errorlint // readers give it bare
		return io.EOF
	case cause != nil:
		err = cause
	case !errors.Is(err, ErrUnexpectedAnswer):
		err = brokenOff(err)
	}
	return fmt.Errorf("downloadTrail: after %d bytes: %w", t.done, err)
}

// Close ends a Read that is waiting, with os.ErrClosed.
func (t *followedTrail) Close() error {
	t.cancel(os.ErrClosed) // first, for closing the body waits for the Read
	defer t.once.Do(func() { t.observed(context.Canceled) })
	return t.body.Close()
}
