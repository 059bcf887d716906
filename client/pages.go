package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"sync"
)

// page is one page of a list.
type page[T any] struct {
	Items []T
	Meta  pageMeta
}

type pageMeta struct {
	Next       string `json:"next"` // link; empty on the last page, where it is null
	Limit      int    `json:"limit"`
	Offset     *int   `json:"offset"`
	MatchCount int    `json:"match_count"`
}

// scanner is an item that is decoded in one go, and keeps the bytes that it was made
// of: encoding/json reads what has an UnmarshalJSON of its own twice as often.
type scanner interface {
	// scan returns what to decode into, and what to call afterwards with the bytes.
	scan() (into any, done func(raw []byte))
}

// keyed is an item that nothing can be done with unless it has a key.
type keyed interface{ key() string }

var errNoKey = errors.New("an item has no key")

func checkItem(item any) error {
	if k, ok := item.(keyed); ok && k.key() == "" {
		return errNoKey
	}
	return nil
}

// unmarshal is UnmarshalJSON for scanners.
func unmarshal(s scanner, document []byte) error {
	into, done := s.scan()
	if err := json.Unmarshal(document, into); err != nil {
		return err
	}
	done(document)
	return nil
}

// decode reads a page from its answer, each byte of its items no more often than it
// takes to decode them. What has no list of items is no page, or whatever else comes
// would be taken for the end of the list.
func (p *page[T]) decode(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	listed := false
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		switch name {
		case "items":
			listed, err = true, p.decodeItems(d, body)
		case "meta":
			err = d.Decode(&p.Meta)
		default:
			err = d.Decode(&ignored{})
		}
		if err != nil {
			return err
		}
	}
	if err := expect(d, '}'); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	if !listed {
		return errNoItems
	}
	return nil
}

// These tell how many items to make room for: a guess, which costs little when wrong.
const (
	usualItem = 1 << 10 // bytes
	usualPage = 500
)

func (p *page[T]) decodeItems(d *json.Decoder, body []byte) error {
	start, err := d.Token()
	if err != nil {
		return err
	}
	if start == nil {
		return errNoItems
	}
	if start != json.Delim('[') {
		return fmt.Errorf("the items are %q, not a list", shorten(fmt.Sprint(start)))
	}
	p.Items = make([]T, 0, min(len(body)/usualItem, usualPage))
	for d.More() {
		var none T
		p.Items = append(p.Items, none)
		item := &p.Items[len(p.Items)-1]
		var into any = item
		done := func([]byte) {}
		if s, ok := into.(scanner); ok {
			into, done = s.scan()
		}
		begin := d.InputOffset()
		if err := d.Decode(into); err != nil {
			return err
		}
		raw := bytes.TrimLeft(body[begin:d.InputOffset()], ", \t\r\n")
		if string(raw) == "null" {
			return errors.New("an item is null")
		}
		done(raw)
		if err := checkItem(item); err != nil {
			return err
		}
	}
	return expect(d, ']')
}

// ignored takes any value, and nothing of it.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("found %q where %v belongs", shorten(fmt.Sprint(got)), want)
	}
	return err
}

// walk goes through a list page by page. It can be ranged over any number of times,
// and asks the server anew each time.
func walk[T any](ctx context.Context, c *Client, operation string, first sendFunc) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for p, err := range pages[T](ctx, c, operation, first) {
			if !p.yield(err, yield) {
				return
			}
		}
	}
}

// yield hands on what is on the page, or the error there is in its place, and tells
// whether to go on.
func (p *page[T]) yield(err error, yield func(T, error) bool) bool {
	if err != nil {
		var none T
		return yield(none, err)
	}
	for _, item := range p.Items {
		if !yield(item, nil) {
			return false
		}
	}
	return true
}

// pages reads a list page by page, following the links. After an error it ends. Who
// has asked for a second page is likely to want them all, so that from there on the
// next page is read while one is worked on.
func pages[T any](ctx context.Context, c *Client, operation string, first sendFunc) iter.Seq2[*page[T], error] {
	return func(yield func(*page[T], error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var reading sync.WaitGroup
		defer reading.Wait() // nothing goes on behind the back of who has stopped
		defer cancel()

		read := func(fetch sendFunc) func() (*page[T], error) {
			return func() (*page[T], error) {
				p := &page[T]{}
				return p, c.call(ctx, operation, p, fetch)
			}
		}
		next, offset := read(first), -1
		circle := circle{stay: 1}
		for n := 1; ; n++ {
			p, err := next()
			if err != nil {
				yield(nil, err)
				return
			}
			link := p.Meta.Next
			o := p.Meta.Offset
			if o != nil && *o <= offset || circle.closedBy(link) {
				yield(nil, fmt.Errorf("%s: %w: the pages of the list go in circles", operation, ErrUnexpectedAnswer))
				return
			} else if o != nil {
				offset = *o
			}
			if link != "" {
				next = read(func(ctx context.Context) (*http.Response, error) {
					return c.send(ctx, http.MethodGet, link, nil)
				})
				if n > 1 {
					next = ahead(&reading, next)
				}
			}
			if !yield(p, nil) || link == "" {
				return
			}
		}
	}
}

// ahead calls read at once, in the background, and returns what waits for its outcome.
func ahead[T any](reading *sync.WaitGroup, read func() (T, error)) func() (T, error) {
	var value T
	var err error
	done := make(chan struct{})
	reading.Go(func() {
		defer close(done)
		value, err = read()
	})
	return func() (T, error) {
		<-done
		return value, err
	}
}

// circle notices when links lead round in a circle, so that no server can keep a
// program busy for ever with a few pages. It remembers one link at a time, each for
// twice as long as the one before (Brent's algorithm).
type circle struct {
	link       string
	stay, seen int
}

func (c *circle) closedBy(link string) bool {
	if link != "" && link == c.link {
		return true
	}
	if c.seen++; c.seen == c.stay {
		c.link, c.stay, c.seen = link, 2*c.stay, 0
	}
	return false
}

// Collect gathers what an iterator of this package gives, up to its first error:
//
//	channels, err := client.Collect(c.Channels(ctx, key))
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// checkKey refuses keys that would lead to another resource than the one meant.
func checkKey(key string) error {
	switch key {
	case "":
		return errors.New("the key is empty")
	case ".", "..":
		return fmt.Errorf("the key cannot be %q", key)
	}
	return nil
}

// failed is an iterator that gives nothing but an error.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
