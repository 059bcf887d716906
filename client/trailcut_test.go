package client_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/server/servertest"
)

// cutter cuts connections off after so many bytes, those of TLS included.
type cutter struct {
	mu   sync.Mutex
	on   bool
	cuts []int
}

type cutConn struct {
	net.Conn
	cutter *cutter
	left   int // -1 as long as it isn't to be cut
}

func (c *cutter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	return &cutConn{Conn: conn, cutter: c, left: -1}, err
}

func (c *cutter) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = true
}

func (c *cutter) remaining() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.cuts)
}

func (c *cutConn) Read(p []byte) (int, error) {
	c.cutter.mu.Lock()
	if c.left < 0 && c.cutter.on && len(c.cutter.cuts) > 0 {
		c.left, c.cutter.cuts = c.cutter.cuts[0], c.cutter.cuts[1:]
	}
	left := c.left
	c.cutter.mu.Unlock()
	if left == 0 {
		_ = c.Close()
		return 0, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	}
	if left > 0 {
		p = p[:min(len(p), left)]
	}
	n, err := c.Conn.Read(p)
	if left > 0 {
		c.left -= n
	}
	return n, err
}

// importTrail stores a session with a trail, or what has become of it.
func importTrail(t *testing.T, s *servertest.Server, key string, revision int, active bool, content []byte) {
	t.Helper()
	dir := t.TempDir()
	end := `"2020-01-02T04:04:05Z"`
	if active {
		end = "null"
	}
	line := fmt.Sprintf(`{"key":%q,"body":{"active":%t,"creation_time":"2020-01-02T03:04:05Z","start_time":"2020-01-02T03:04:05Z","end_time":%s,
		"duration":3600,"origin":"RECORDING","protocol":"RDP","revision":%d,"verdict":"ACCEPT"},"trail":"trail"}`, key, active, end, revision)
	line = strings.ReplaceAll(line, "\n", "") + "\n"
	err := errors.Join(os.WriteFile(filepath.Join(dir, "trail"), content, 0o600),
		os.WriteFile(filepath.Join(dir, "session.ndjson"), []byte(line), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	s.Import(t, dir)
}

// Ten connections in a row break off, in the middle of TLS records, and what comes out
// is the trail all the same.
func TestIntegrationResume(t *testing.T) {
	s, connect := start(t, "6.0")
	content := randomBytes(7, 1<<20)
	importTrail(t, s, "large", 1, false, content)
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 1))
		connections := &cutter{}
		for range 10 {
			connections.cuts = append(connections.cuts, 5000+r.IntN(90_000))
		}
		c := connect(client.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: connections.dial}}))
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		connections.start()
		path := filepath.Join(t.TempDir(), "trail.zat")
		download := func() error {
			_, err := c.DownloadTrailFile(t.Context(), "large", path, client.TrailOptions{})
			return err
		}
		if seed == 0 {
			download = func() error {
				f, err := os.Create(path)
				if err != nil {
					return err
				}
				_, _, err = c.DownloadTrail(t.Context(), "large", f, client.TrailOptions{})
				return errors.Join(err, f.Close())
			}
		}
		if err := download(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got, err := os.ReadFile(path)
		if err != nil || sha256.Sum256(got) != sha256.Sum256(content) {
			t.Errorf("seed %d: got %d bytes that are others, %v", seed, len(got), err)
		}
		if n := connections.remaining(); n > 0 {
			t.Errorf("seed %d: %d cuts were not needed", seed, n)
		}
	}
}
