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

// walk goes through a list page by page, following the links. It can be ranged over
// any number of times, and asks the server anew each time.
func walk[T any](ctx context.Context, c *Client, operation string, first sendFunc) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		fetch, link, offset := first, "", -1
		for {
			var p page[T]
			if err := c.call(ctx, operation, &p, fetch); err != nil {
				yield(none, err)
				return
			}
			// A server that goes in circles must not keep a program busy for ever.
			if o := p.Meta.Offset; o != nil && *o <= offset || link != "" && p.Meta.Next == link {
				yield(none, fmt.Errorf("%s: %w: the pages of the list go in circles", operation, ErrUnexpectedAnswer))
				return
			} else if o != nil {
				offset = *o
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			link = p.Meta.Next
			if link == "" {
				return
			}
			fetch = func(ctx context.Context) (*http.Response, error) {
				return c.send(ctx, http.MethodGet, link, nil)
			}
		}
	}
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
