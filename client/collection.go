package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
)

// scope is where something is read and written: in a transaction, or outside of any.
type scope struct {
	client *Client
	tx     *Tx // nil outside
}

func (c *Client) scope() scope { return scope{client: c} }

func (tx *Tx) scope() scope { return scope{tx.client, tx} }

func (s scope) enter(ctx context.Context) (context.Context, error) {
	if s.tx == nil {
		return ctx, nil
	}
	return s.tx.in(ctx)
}

// request sends a document, or nothing if it is nil, and decodes the answer into the
// value that into points to, which may be nil.
func (s scope) request(ctx context.Context, operation, method, path string, document, into any) error {
	ctx, err := s.enter(ctx)
	if err != nil {
		return err
	}
	if document != nil {
		if document, err = outgoing(document); err != nil {
			return fmt.Errorf("%s: encode the document: %w", operation, err)
		}
	}
	return s.client.call(ctx, operation, into, func(ctx context.Context) (*http.Response, error) {
		return s.client.send(ctx, method, path, document)
	})
}

// understand makes of the body of an answer what into points to.
func understand(operation string, body json.RawMessage, into any) error {
	if body == nil {
		return fmt.Errorf("%s: %w: there is no body in it", operation, ErrUnexpectedAnswer)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s: %w", operation, &unexpectedError{"the body cannot be understood", err})
	}
	return nil
}

// read reads the object at a path.
func read[T any](ctx context.Context, s scope, operation, path string) (*T, error) {
	var document Document[json.RawMessage]
	if err := s.request(ctx, operation, http.MethodGet, path, nil, &document); err != nil {
		return nil, err
	}
	object := new(T)
	if err := understand(operation, document.Body, object); err != nil {
		return nil, err
	}
	return object, nil
}

// replace replaces the object at a path.
func replace[T any](ctx context.Context, s scope, operation, path string, value *T) error {
	if value == nil {
		return fmt.Errorf("%s: %w", operation, errNothing)
	}
	return s.request(ctx, operation, http.MethodPut, path, value, nil)
}

// kind is what the objects of a collection are.
type kind[T any] struct {
	path      string // of the collection
	one, many string // what operationIds call them
	key       func(*T) *string
	err       error // if there cannot be such a collection
}

func (k *kind[T]) item(key string) (path string, err error) {
	return k.path + "/" + url.PathEscape(key), cmp.Or(k.err, checkKey(key))
}

// Collection is all the objects of one kind in the configuration, such as all local
// users.
type Collection[T any] struct {
	kind  kind[T]
	scope scope
}

func of[T any](c *Client, k kind[T]) Collection[T] { return Collection[T]{k, c.scope()} }

func within[T any](tx *Tx, k kind[T]) TxCollection[T] {
	return TxCollection[T]{Collection[T]{k, tx.scope()}}
}

// List goes through the objects. Appliances up to 6.0 list nothing but keys, so there
// each object takes a request of its own. After an error it ends.
func (c Collection[T]) List(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		operation := "list" + c.kind.many
		if c.kind.err != nil {
			yield(nil, fmt.Errorf("%s: %w", operation, c.kind.err))
			return
		}
		list := member[[]Document[json.RawMessage]]{name: "items"}
		if err := c.scope.request(ctx, operation, http.MethodGet, c.kind.path, nil, &list); err != nil {
			yield(nil, err)
			return
		}
		for _, item := range list.value {
			object, err := c.listed(ctx, operation, item)
			if !yield(object, err) || err != nil {
				return
			}
		}
	}
}

// listed makes an object of an item in a list, or reads it if there is but its key.
func (c Collection[T]) listed(ctx context.Context, operation string, item Document[json.RawMessage]) (*T, error) {
	if item.Key == "" {
		return nil, fmt.Errorf("%s: %w: %w", operation, ErrUnexpectedAnswer, errNoKey)
	}
	if item.Body == nil || string(item.Body) == "null" {
		return c.Get(ctx, item.Key)
	}
	object := new(T)
	if err := understand(operation, item.Body, object); err != nil {
		return nil, err
	}
	*c.kind.key(object) = item.Key
	return object, nil
}

// Get reads one object.
func (c Collection[T]) Get(ctx context.Context, key string) (*T, error) {
	operation := "get" + c.kind.one
	path, err := c.kind.item(key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	object, err := read[T](ctx, c.scope, operation, path)
	if err != nil {
		return nil, err
	}
	*c.kind.key(object) = key
	return object, nil
}

// TxCollection is a Collection within a transaction. It shows the pending changes, and
// can be changed.
type TxCollection[T any] struct{ Collection[T] }

// Create adds an object, and returns the key that the appliance gives it. A key that
// the object has already doesn't count.
func (c TxCollection[T]) Create(ctx context.Context, object *T) (key string, err error) {
	operation := "create" + c.kind.one
	switch {
	case c.kind.err != nil:
		return "", fmt.Errorf("%s: %w", operation, c.kind.err)
	case object == nil:
		return "", fmt.Errorf("%s: %w", operation, errNothing)
	}
	return c.scope.create(ctx, operation, c.kind.path, object)
}

// Replace replaces the object that has this key with object as a whole; nothing is
// merged. To change one, change what Get or List gave.
func (c TxCollection[T]) Replace(ctx context.Context, object *T) error {
	operation := "replace" + c.kind.one
	if object == nil {
		return fmt.Errorf("%s: %w", operation, errNothing)
	}
	path, err := c.kind.item(*c.kind.key(object))
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return c.scope.request(ctx, operation, http.MethodPut, path, object, nil)
}

// Delete removes an object. One that is built in, or that others refer to, is
// ErrNotDeletable; Error.References tells which others.
func (c TxCollection[T]) Delete(ctx context.Context, key string) error {
	operation := "delete" + c.kind.one
	path, err := c.kind.item(key)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return c.scope.request(ctx, operation, http.MethodDelete, path, nil, nil)
}

// create posts a document to a collection and takes the new key from the answer.
func (s scope) create(ctx context.Context, operation, path string, document any) (key string, err error) {
	var created struct{ Key string }
	if err := s.request(ctx, operation, http.MethodPost, path, document, &created); err != nil {
		return "", err
	}
	if created.Key == "" {
		return "", fmt.Errorf("%s: %w: it tells no key", operation, ErrUnexpectedAnswer)
	}
	return created.Key, nil
}
