package client

import (
	"context"
	"fmt"
	"net/http"
)

// Tx is an open transaction. It can be used until the function that got it returns,
// and by several goroutines. Its methods of the same names as those of Client do the
// same, with the pending changes in what they read.
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
	return tx.scope().request(ctx, "get", http.MethodGet, path, nil, &lossless{into})
}

// Put replaces the resource at path with document, which is what Body is in a
// Document: the bare properties, complete, for nothing is merged. A reference to another
// object, which is read as an object of its key and link, is sent as its key, as the API
// takes it. The change takes effect when the transaction is committed.
func (tx *Tx) Put(ctx context.Context, path string, document any) error {
	return tx.scope().put(ctx, path, document)
}

// Post adds document, in the form that Put takes, to the collection at path, and returns
// the key that the appliance gives it.
func (tx *Tx) Post(ctx context.Context, path string, document any) (key string, err error) {
	if document == nil {
		return "", fmt.Errorf("post: %w", errNothing)
	}
	return tx.scope().create(ctx, "post", path, document)
}

// Delete removes the object at path.
func (tx *Tx) Delete(ctx context.Context, path string) error {
	return tx.scope().request(ctx, "delete", http.MethodDelete, path, nil, nil)
}
