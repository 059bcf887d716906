package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spskit/spskit/gen/apiclient"
)

// Client talks to one appliance as one user. Make one with New. It is safe for
// concurrent use, and meant to be kept: it keeps its login and its connections.
type Client struct {
	base    *url.URL // without a trailing slash
	timeout time.Duration
	login   *loginLayer
	first   doer                // the outermost layer
	wires   []http.RoundTripper // what sends the requests: the transport, and the caller's layer around it
	api     *apiclient.Client   // builds requests, and sends them through first
	observers

	inTransaction atomic.Bool
}

// New makes a client of the appliance at rawURL, such as https://sps.example.com,
// and connects to nothing yet. A path in the URL is put before every path of the
// API. Certificates are verified against the system's roots unless an option says
// otherwise. Options for two kinds of credentials exclude each other; of another
// option that is given twice the last one counts, unless it says that it adds to the
// first. With an http URL everything goes over the line in the clear, the
// password too.
func New(rawURL string, opts ...Option) (*Client, error) {
	c, err := build(rawURL, opts)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return c, nil
}

func build(rawURL string, opts []Option) (*Client, error) {
	base, err := parseBase(rawURL)
	if err != nil {
		return nil, err
	}
	s := settings{logger: slog.New(slog.DiscardHandler), userAgent: "spskit", retry: DefaultRetryPolicy()}
	for _, opt := range opts {
		if err := opt(&s); err != nil {
			return nil, err
		}
	}
	transport, err := s.transport(base.Scheme)
	if err != nil {
		return nil, err
	}
	if s.store != nil && s.credentials.key != nil {
		return nil, errors.New("with an API key there is no login to store")
	}
	wires := []http.RoundTripper{transport}
	if s.roundTripper != nil {
		transport = s.roundTripper(transport)
		wires = append(wires, transport)
	}
	c := &Client{base: base, timeout: s.effectiveTimeout(), wires: wires, observers: s.observers}
	c.login, c.first = layers(base, &s, transport)
	c.api, err = apiclient.NewClient(base.String(), apiclient.WithHTTPClient(c.first))
	return c, err
}

// CloseIdleConnections closes the connections that are kept for later calls, and leaves
// those in use. The client can be used as before; it makes new ones then. The login stays.
func (c *Client) CloseIdleConnections() {
	for _, wire := range c.wires {
		(&http.Client{Transport: wire}).CloseIdleConnections()
	}
}

// Format keeps whatever the client holds out of what fmt writes, but for the address.
func (c *Client) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "client.Client(%s)", c.base) }

func (s *settings) effectiveTimeout() time.Duration {
	switch {
	case s.timeout != nil:
		return *s.timeout
	case s.httpClient != nil && s.httpClient.Timeout > 0:
		return s.httpClient.Timeout
	}
	return DefaultTimeout
}

// parseBase keeps what it was given out of its errors, for it may hold a password.
func parseBase(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return nil, errors.New("the URL cannot be understood")
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Opaque != "":
		return nil, errors.New("the URL has to look like https://sps.example.com")
	case u.User != nil:
		return nil, errors.New("the URL holds credentials; use WithPassword for them")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL has a query or a fragment")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}, nil
}

// resolve finds a path of the API, or a link that the server gave. It refuses what
// leads to another server.
func (c *Client) resolve(path string) (*url.URL, error) {
	u, err := url.Parse(path)
	if err != nil {
		return nil, fmt.Errorf("the path %q cannot be understood", shorten(path))
	}
	if (u.Scheme != "" || u.Host != "" || u.User != nil) && !sameOrigin(u, c.base) {
		return nil, fmt.Errorf("%q leads to another server", shorten(path))
	}
	plain, escaped := u.Path, u.EscapedPath()
	if strings.HasPrefix(plain, c.base.Path+"/api") { // a proxy that knows what it puts in front
		plain, escaped = plain[len(c.base.Path):], skipEscaped(escaped, len(c.base.Path))
	}
	if plain != "/api" && !strings.HasPrefix(plain, "/api/") {
		return nil, fmt.Errorf("the path %q does not begin with /api/", shorten(path))
	}
	for segment := range strings.SplitSeq(plain, "/") {
		if segment == "." || segment == ".." {
			return nil, fmt.Errorf("the path %q leads upwards", shorten(path))
		}
	}
	return &url.URL{
		Scheme: c.base.Scheme, Host: c.base.Host, RawQuery: u.RawQuery,
		Path: c.base.Path + plain, RawPath: c.base.EscapedPath() + escaped,
	}, nil
}

// skipEscaped cuts off what stands for the first n bytes of a path. It can be longer or
// shorter than in another spelling of the same path.
func skipEscaped(escaped string, n int) string {
	i := 0
	for ; n > 0; n-- {
		if escaped[i] == '%' {
			i += len("%XX")
		} else {
			i++
		}
	}
	return escaped[i:]
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) && a.User == nil
}

// sendFunc sends a request, and may be called again for the same request.
type sendFunc func(context.Context) (*http.Response, error)

// call sends a request, checks the answer, and decodes it into the value that into
// points to, which may be nil.
func (c *Client) call(ctx context.Context, operation string, into any, send sendFunc) (err error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	ctx, done := c.observe(ctx, operation)
	defer func() { done(err) }()
	resp, err := send(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	err = readAnswer(resp, operation, into)
	if ctx.Err() != nil && errors.Is(err, ErrUnexpectedAnswer) {
		// A server that sees a request given up may end its answer as if it were whole.
		return fmt.Errorf("%s: %w", operation, context.Cause(ctx))
	}
	return c.login.explain(ctx, err)
}

func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

// awaitAnswer lets cancel end the wait for the beginning of an answer when the client's
// timeout has passed, until begun is called. The context that it returns is for the
// request, and tells until when that will be.
func (c *Client) awaitAnswer(ctx context.Context, cancel context.CancelCauseFunc) (waiting context.Context, begun func()) {
	if c.timeout <= 0 {
		return ctx, func() {}
	}
	until := time.Now().Add(c.timeout)
	timer := time.AfterFunc(c.timeout, func() {
		cancel(fmt.Errorf("no answer within %s: %w", c.timeout, context.DeadlineExceeded))
	})
	return withPatience(ctx, func() time.Time { return until }), func() { timer.Stop() }
}

// send sends a document, or nothing, to a path.
func (c *Client) send(ctx context.Context, method, path string, document any) (*http.Response, error) {
	u, err := c.resolve(path)
	if err != nil {
		return nil, err
	}
	var body io.Reader = http.NoBody
	if document != nil {
		encoded, err := json.Marshal(document)
		if err != nil {
			return nil, fmt.Errorf("encode the document: %w", err)
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if document != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.first.Do(req)
}
