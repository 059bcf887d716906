package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

// page is one page of a list.
type page[T any] struct {
	Items []T      `json:"items"`
	Meta  pageMeta `json:"meta"`
}

type pageMeta struct {
	Next       string `json:"next"` // link; empty on the last page, where it is null
	Limit      int    `json:"limit"`
	Offset     *int   `json:"offset"`
	MatchCount int    `json:"match_count"`
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

// pages reads a list page by page, following the links. After an error it ends.
func pages[T any](ctx context.Context, c *Client, operation string, first sendFunc) iter.Seq2[*page[T], error] {
	return func(yield func(*page[T], error) bool) {
		fetch, offset := first, -1
		circle := circle{stay: 1}
		for {
			p := &page[T]{}
			if err := c.call(ctx, operation, p, fetch); err != nil {
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
			if !yield(p, nil) || link == "" {
				return
			}
			fetch = func(ctx context.Context) (*http.Response, error) {
				return c.send(ctx, http.MethodGet, link, nil)
			}
		}
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
