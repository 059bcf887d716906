//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/spskit/spskit/tests/bench/floors/ask"
)

// walked is what a walk through all sessions took.
type walked struct {
	pages     int
	sql, http float64  // seconds for all
	before    resident // memory of spsd, and after each half, with its peak
	halves    [2]resident
	failed    error
}

// flat tells whether the second half of the walk took no more memory than the
// first.
func (w walked) flat() bool {
	return float64(w.halves[1].peak) <= growth*float64(w.halves[0].peak)
}

// walkAll follows meta.next through a snapshot, and reads the same documents by
// SQL, page by page as well, once to have the file in memory and once for the
// time.
func walkAll(ctx context.Context, d *daemon, a *asker, sessions int) (w walked, err error) {
	for range 2 {
		answer, err := a.ask(ask.Question{SQL: walkPage, Args: []any{int64(1<<63 - 1)}, Walk: true})
		if err != nil {
			return w, err
		}
		if answer.Rows != sessions {
			return w, fmt.Errorf("the SQL walked through %d sessions", answer.Rows)
		}
		w.sql = answer.Took.Seconds()
	}
	if w.before, err = d.resident(); err != nil {
		return w, err
	}
	w.failed = w.follow(ctx, d, sessions)
	return w, ctx.Err()
}

// itemStart is in each item of a page once: its meta comes with its href alone.
var itemStart = []byte(`"meta":{"href":"/api/audit/sessions/`)

func (w *walked) follow(ctx context.Context, d *daemon, sessions int) error {
	c, err := dial(ctx, d.url.Host, nil)
	if err != nil {
		return err
	}
	defer c.close()
	started := time.Now()
	next, buffer, err := c.openSnapshot(d)
	if err != nil {
		return err
	}
	if err := d.forgetPeak(); err != nil {
		return err
	}
	half, found := 0, 0
	for next != "" {
		if err := ctx.Err(); err != nil {
			return err
		}
		if buffer, err = c.fetch(d.request(next), buffer); err != nil {
			return fmt.Errorf("page %d: %w", w.pages+1, err)
		}
		items, rest, ok := cutPage(buffer)
		if !ok {
			return errors.New("the page is not in the usual envelope")
		}
		var meta struct{ Next *string }
		if err := json.Unmarshal(rest, &meta); err != nil {
			return err
		}
		next = ""
		if meta.Next != nil {
			next = *meta.Next
		}
		w.pages++
		found += bytes.Count(items, itemStart)
		if half == 0 && 2*found >= sessions {
			if err := w.halfway(d, half); err != nil {
				return err
			}
			half++
		}
	}
	w.http = time.Since(started).Seconds()
	if found != sessions {
		return fmt.Errorf("the walk found %d sessions", found)
	}
	return w.halfway(d, half)
}

func (w *walked) halfway(d *daemon, half int) (err error) {
	if w.halves[half], err = d.resident(); err != nil {
		return err
	}
	return d.forgetPeak()
}

// openSnapshot returns the path of the first page of a snapshot.
func (c *client) openSnapshot(d *daemon) (first string, body []byte, err error) {
	if body, err = c.fetch(d.request("/api/audit/sessions/_snapshot"), nil); err != nil {
		return "", nil, err
	}
	var opened struct{ Body struct{ Snapshot string } }
	if err := json.Unmarshal(body, &opened); err != nil {
		return "", nil, err
	}
	return list("snapshot", opened.Body.Snapshot), body, nil
}

// fetch is do for an answer that is needed, which it reads into the buffer.
func (c *client) fetch(request, buffer []byte) ([]byte, error) {
	buffer = buffer[:0]
	if err := c.expect(stall); err != nil {
		return buffer, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return buffer, err
	}
	status, length, err := c.head()
	if err != nil {
		return buffer, err
	}
	if length >= 0 {
		buffer, err = c.append(buffer, length)
	} else {
		buffer, err = c.appendChunks(buffer)
	}
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, buffer)
	}
	return buffer, err
}

func (c *client) appendChunks(buffer []byte) ([]byte, error) {
	for {
		line, err := c.line()
		if err != nil {
			return buffer, err
		}
		size, err := strconv.ParseInt(string(line), 16, 64)
		if err != nil {
			return buffer, err
		}
		if buffer, err = c.append(buffer, size); err != nil {
			return buffer, err
		}
		if err := c.discard(int64(len("\r\n"))); err != nil || size == 0 {
			return buffer, err
		}
	}
}

func (c *client) append(buffer []byte, n int64) ([]byte, error) {
	at := len(buffer)
	if need := at + int(n); need > cap(buffer) {
		buffer = append(make([]byte, 0, 2*need), buffer...)
	}
	buffer = buffer[:at+int(n)]
	_, err := io.ReadFull(c.r, buffer[at:])
	return buffer, err
}
