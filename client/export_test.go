package client

import "context"

// StrayPut writes outside of a transaction, which programs cannot.
func (c *Client) StrayPut(ctx context.Context, path string, document any) error {
	return c.scope().put(ctx, path, document)
}
