package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spskit/spskit/gen/api"
)

// Tx is an open transaction. It can be used until the function that got it returns,
// and by several goroutines.
type Tx struct {
	client *Client
	pin    *pin
}

// in ties ctx to the transaction's login.
func (tx *Tx) in(ctx context.Context) (context.Context, error) {
	if tx.pin.over.Load() {
		return nil, ErrTransactionDone
	}
	return tx.client.login.withPin(ctx, tx.pin), nil
}

// Get reads a resource as Client.Get does, with the pending changes in it.
func (tx *Tx) Get(ctx context.Context, path string, into any) error {
	ctx, err := tx.in(ctx)
	if err != nil {
		return err
	}
	return tx.client.Get(ctx, path, into)
}

// Put replaces the resource at path with document, which is what Body is in a
// Document: the bare properties, complete, for nothing is merged. The change takes
// effect when the transaction is committed.
func (tx *Tx) Put(ctx context.Context, path string, document any) error {
	ctx, err := tx.in(ctx)
	if err != nil {
		return err
	}
	return tx.client.put(ctx, path, document)
}

// VNCOptions reads the options of all VNC connections, with the pending changes in
// them.
func (tx *Tx) VNCOptions(ctx context.Context) (*api.ProtocolOptions, error) {
	ctx, err := tx.in(ctx)
	if err != nil {
		return nil, err
	}
	return tx.client.VNCOptions(ctx)
}

// SetVNCOptions replaces the options of all VNC connections.
func (tx *Tx) SetVNCOptions(ctx context.Context, options api.ProtocolOptions) error {
	ctx, err := tx.in(ctx)
	if err != nil {
		return err
	}
	c := tx.client
	return c.call(ctx, "replaceVncOptions", nil, func(ctx context.Context) (*http.Response, error) {
		return c.api.ReplaceVncOptions(ctx, options)
	})
}

// ChangeType says what a pending change does. Values that this package doesn't know
// are kept as they came.
type ChangeType string

// The types that the contract lists.
const (
	ChangeCreate  ChangeType = "create"
	ChangeDelete  ChangeType = "delete"
	ChangeReorder ChangeType = "reorder"
	ChangeReplace ChangeType = "replace"
)

// Change is a pending change.
type Change struct {
	Type     ChangeType      `json:"type"`
	Path     string          `json:"path"`                // of a resource; after # of a value in it
	OldValue json.RawMessage `json:"old_value,omitempty"` // of a replacement or deletion
	NewValue json.RawMessage `json:"new_value,omitempty"` // of a replacement or creation
	OldOrder []string        `json:"old_order,omitempty"` // of a reordering: keys
	NewOrder []string        `json:"new_order,omitempty"` // of a reordering: keys
}

// String tells the change in one line.
func (ch Change) String() string {
	text := string(ch.Type) + " " + ch.Path
	switch ch.Type {
	case ChangeCreate:
		text += fmt.Sprintf(": %s", ch.NewValue)
	case ChangeDelete:
		text += fmt.Sprintf(": %s", ch.OldValue)
	case ChangeReplace:
		text += fmt.Sprintf(": %s -> %s", ch.OldValue, ch.NewValue)
	case ChangeReorder:
		text += fmt.Sprintf(": %q -> %q", ch.OldOrder, ch.NewOrder)
	}
	return printable(text)
}

// Changes lists what a commit would change.
func (tx *Tx) Changes(ctx context.Context) ([]Change, error) {
	ctx, err := tx.in(ctx)
	if err != nil {
		return nil, err
	}
	c := tx.client
	var document struct{ Changes []Change }
	err = c.call(ctx, "listTransactionChanges", &document, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListTransactionChanges(ctx)
	})
	return document.Changes, err
}
