//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
)

// newestPage is the longest page of whole sessions.
const newestPage = "/api/audit/sessions?fields=*&limit=500"

// measurePage holds a page of 500 sessions beside a loop over the same rows, and
// beside a handler that writes the same bytes.
func (b *bench) measurePage(ctx context.Context) ([]row, error) {
	var rows []row
	for _, s := range schemes {
		some, err := b.measurePageOver(ctx, s)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

func (b *bench) measurePageOver(ctx context.Context, s scheme) ([]row, error) {
	d, err := b.serve(ctx, s)
	if err != nil {
		return nil, err
	}
	defer d.stop()
	page, err := d.get(ctx, newestPage, http.StatusOK, nil)
	if err != nil {
		return nil, err
	}
	loop, err := b.startLoop(ctx, d, page)
	if err != nil {
		return nil, err
	}
	defer loop.stop()
	file, err := b.write("page.json", page)
	if err != nil {
		return nil, err
	}
	bare, err := b.startFloor(ctx, d, "bare", "-body", file)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	c, err := b.compare(ctx, connections, [][]byte{d.request(newestPage)}, d, loop, bare)
	if err != nil {
		return nil, err
	}
	what := "page of 500, fields=*, " + string(s)
	return []row{
		{
			what: what, ours: served(c.ours), floor: served(c.floors[0]),
			rate: c.rate(c.floors[0]), cpu: c.cpu(c.floors[0]), bar: atLeast(0.9, c.rate(c.floors[0])),
			notes: fmt.Sprintf("%s; floor: SQL by hand over the same rows, same bytes", size(int64(len(page)))),
		},
		{
			what: what, ours: "the same", floor: served(c.floors[1]),
			rate: c.rate(c.floors[1]), cpu: c.cpu(c.floors[1]),
			notes: "floor: bare handler, same bytes",
		},
	}, nil
}

// startLoop starts the floor that pages by hand, and makes sure that its page
// has the same items as spsd's.
func (b *bench) startLoop(ctx context.Context, d *daemon, page []byte) (*process, error) {
	items, meta, ok := cutPage(page)
	if !ok {
		return nil, errors.New("the page is not in the usual envelope")
	}
	file, err := b.write("meta.json", meta)
	if err != nil {
		return nil, err
	}
	loop, err := b.startFloor(ctx, d, "sql", "page", "-db", b.database(), "-meta", file)
	if err != nil {
		return nil, err
	}
	theirs, err := (&daemon{process: loop, http: d.http}).get(ctx, newestPage, http.StatusOK, nil)
	if got, _, _ := cutPage(theirs); err == nil && !bytes.Equal(got, items) {
		err = errors.New("the floor's page is not that of spsd")
	}
	if err != nil {
		loop.stop()
		return nil, err
	}
	return loop, nil
}

// cutPage parts a page into what comes before its meta, and that.
func cutPage(page []byte) (items, meta []byte, ok bool) {
	separator := []byte(`],"meta":`)
	at := bytes.LastIndex(page, separator)
	if at < 0 || !bytes.HasSuffix(page, []byte("}")) {
		return nil, nil, false
	}
	return page[:at], page[at+len(separator) : len(page)-1], true
}
