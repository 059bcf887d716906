//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// client is one connection that sends requests and throws the answers away. It
// shares the processors with the server, so it does as little as it can: it
// reads the status, finds the end, and allocates nothing.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

// readSize is how much a client reads at once.
const readSize = 128 << 10

func dial(ctx context.Context, address string, config *tls.Config) (*client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if config != nil {
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		conn = secure
	}
	return &client{conn: conn, r: bufio.NewReaderSize(conn, readSize)}, nil
}

// request is a GET as it is on the wire.
func request(host, path, cookie string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host)
	if cookie != "" {
		fmt.Fprintf(&b, "Cookie: session_id=%s\r\n", cookie)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// do sends a request, which must be answered with 200, and reads the answer.
func (c *client) do(request []byte) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, length, err := c.head()
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("a request was answered with status %d", status)
	case length < 0:
		return c.chunks()
	default:
		return c.discard(length)
	}
}

var (
	contentLength    = []byte("content-length:")
	transferEncoding = []byte("transfer-encoding: chunked")
)

// head reads status line and headers. The length is -1 when the body comes in
// chunks.
func (c *client) head() (status int, length int64, err error) {
	line, err := c.line()
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, 0, fmt.Errorf("%q is no status line", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	ended := false
	for {
		if line, err = c.line(); err != nil {
			return 0, 0, err
		}
		switch n := len(contentLength); {
		case len(line) == 0 && !ended:
			return 0, 0, errors.New("an answer has no length")
		case len(line) == 0:
			return status, length, nil
		case len(line) > n && bytes.EqualFold(line[:n], contentLength):
			ended = true
			if length, err = strconv.ParseInt(string(bytes.TrimSpace(line[n:])), 10, 64); err != nil {
				return 0, 0, err
			}
		case bytes.EqualFold(line, transferEncoding):
			ended, length = true, -1
		}
	}
}

// chunks reads a body that comes in chunks, without trailers.
func (c *client) chunks() error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(line), 16, 64)
		if err != nil {
			return err
		}
		if err := c.discard(size + int64(len("\r\n"))); err != nil || size == 0 {
			return err
		}
	}
}

func (c *client) line() ([]byte, error) {
	line, err := c.r.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

func (c *client) discard(n int64) error {
	got, err := c.r.Discard(int(n))
	if int64(got) < n && err == nil {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// expect bounds what the next answers may take.
func (c *client) expect(d time.Duration) error { return c.conn.SetDeadline(time.Now().Add(d)) }

func (c *client) close() { _ = c.conn.Close() }
