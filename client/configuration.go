package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
)

// Document is what Get reads of a resource that is a single object: its key, its
// properties, and its links. With a Body of type json.RawMessage or map[string]any
// no property is lost, however new the appliance is.
type Document[T any] struct {
	Key  string          `json:"key"`
	Body T               `json:"body"`
	Meta json.RawMessage `json:"meta,omitempty"`
}

// Get reads any resource, such as /api/configuration/vnc/options, and decodes the
// whole answer into the value that into points to, often a Document. The path may
// be a link that the server gave. Where into holds an interface, numbers become
// json.Number, which keeps all their digits.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	return c.scope().request(ctx, "get", http.MethodGet, path, nil, &lossless{into})
}

// Child is a resource that lies below another one.
type Child struct {
	Key  string // name of the resource below its parent
	Path string // for Get, and for Children if it is a category itself
}

// Children goes through what lies directly below a path, such as /api,
// /api/configuration or /api/configuration/ssh. A resource that is a single object has
// none, which is ErrUnexpectedAnswer.
func (c *Client) Children(ctx context.Context, path string) iter.Seq2[Child, error] {
	return c.scope().children(ctx, path)
}

// Children goes through what lies directly below a path, with the pending changes.
func (tx *Tx) Children(ctx context.Context, path string) iter.Seq2[Child, error] {
	return tx.scope().children(ctx, path)
}

func (s scope) children(ctx context.Context, path string) iter.Seq2[Child, error] {
	return func(yield func(Child, error) bool) {
		var list struct {
			Items *[]struct {
				Key  string
				Meta struct{ Href string }
			}
		}
		err := s.request(ctx, "get", http.MethodGet, path, nil, &list)
		if err == nil && list.Items == nil {
			err = fmt.Errorf("get: %w: %q is no list", ErrUnexpectedAnswer, path)
		}
		if err != nil {
			yield(Child{}, err)
			return
		}
		for _, item := range *list.Items {
			if !yield(Child{item.Key, item.Meta.Href}, nil) {
				return
			}
		}
	}
}

// put is Tx.Put. Outside of a transaction an appliance up to 6.0 refuses it, and a newer
// one opens a transaction that waits for somebody to commit it, so only a Tx has it.
func (s scope) put(ctx context.Context, path string, document any) error {
	if document == nil {
		return fmt.Errorf("put: %w", errNothing)
	}
	return s.request(ctx, "put", http.MethodPut, path, document, nil)
}

var errNothing = errors.New("there is nothing to write")
