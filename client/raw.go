package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Raw sends a request that this package has no method for, and returns the answer as it
// came, a refusal included; CheckResponse makes an error of that. The path may be a link
// that the server gave and have a query, but it cannot lead to another server. body is
// sent as JSON, and is nil for none. The caller closes the answer's Body.
//
// Raw logs in as every method does. When the login has expired, only a GET or HEAD is sent
// again, and only without a body or with one that can be rewound: a *bytes.Buffer,
// *bytes.Reader or *strings.Reader. Otherwise the answer is 401. The client's timeout
// limits the wait for the beginning of the answer. After that only ctx does.
//
// Nothing is checked and nothing is kept together: a change that is written with Raw
// belongs to the transaction that the login has open. On an appliance up to 6.0 there has
// to be one, and a newer one opens it. Within Transaction, use Tx.Raw.
func (c *Client) Raw(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	ctx, observed := c.observe(ctx, "raw")
	resp, err := c.raw(ctx, method, path, body)
	if err != nil {
		observed(err)
		return nil, fmt.Errorf("raw: %w", err)
	}
	resp.Body = &rawBody{resp.Body, sync.OnceFunc(func() { observed(nil) })}
	return resp, nil
}

// Raw sends a request as Client.Raw does, within the transaction. When that is lost with
// its login there is no answer, but ErrTransactionLost.
func (tx *Tx) Raw(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	ctx, err := tx.in(ctx)
	if err != nil {
		return nil, err
	}
	return tx.client.Raw(ctx, method, path, body)
}

func (c *Client) raw(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	u, err := c.resolve(path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	ctx, begun := c.awaitAnswer(ctx, cancel)
	defer begun()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.first.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	if c.login.pinOf(ctx) != nil && saysUnauthenticated(resp) {
		defer cancel(nil)
		return nil, c.login.explain(ctx, checkStatus(resp, "raw"))
	}
	resp.Body = &rawBody{resp.Body, func() { cancel(nil) }}
	return resp, nil
}

// rawBody gives free what a request holds when its answer is closed.
type rawBody struct {
	io.ReadCloser
	free func()
}

func (b *rawBody) Close() error {
	defer b.free()
	return b.ReadCloser.Close()
}

// CheckResponse is nil if the status of an answer tells of success. Otherwise it reads
// and closes the body and gives the *Error, as methods do.
func CheckResponse(resp *http.Response) error { return checkStatus(resp, "raw") }
