// Package servertest starts a stand-in inside of a test: a real server on a
// loopback port, with a data directory of its own and a clock that the test
// moves.
package servertest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/spskit/spskit/server"
	"github.com/spskit/spskit/server/internal/seed"
)

// The administrator of every started server.
const (
	Username = "admin"
	Password = "servertest"
)

// Server is a running stand-in.
type Server struct {
	URL    string // such as https://127.0.0.1:40123
	CAFile string // PEM file that a client has to trust; empty for plain HTTP
	Clock  *Clock

	data string
}

// Option changes how a server is started.
type Option func(*server.Config)

// WithDemo fills the server with the demo data.
func WithDemo() Option { return func(c *server.Config) { c.Demo = true } }

// WithHTTP serves plain HTTP.
func WithHTTP() Option { return func(c *server.Config) { c.HTTP = true } }

// WithAppliance chooses the generation to behave like, "6.0" or "8.0".
func WithAppliance(generation string) Option {
	return func(c *server.Config) { c.Appliance = generation }
}

// WithStrict refuses members and parameters that the contract does not know.
func WithStrict() Option { return func(c *server.Config) { c.Strict = true } }

// WithLogger receives the server's log, which otherwise goes nowhere.
func WithLogger(l *slog.Logger) Option { return func(c *server.Config) { c.Logger = l } }

// Start runs a server until the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	// Not t.TempDir: examples have no test to take it from.
	dir, err := os.MkdirTemp("", "servertest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	clock := &Clock{}
	cfg := server.Config{
		DataDir: filepath.Join(dir, "data"), Listen: "127.0.0.1:0",
		AdminPassword: Password, BcryptCost: bcrypt.MinCost, Now: clock.Now,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, option := range options {
		option(&cfg)
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := server.New(ctx, cfg)
	if err != nil {
		stop()
		t.Fatalf("start the server: %v", err)
	}
	ready, done := make(chan server.Ready, 1), make(chan error, 1)
	go func() { done <- s.Run(ctx, func(r server.Ready) { ready <- r }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the server failed: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
	})
	select {
	case r := <-ready:
		return &Server{URL: r.URL, CAFile: r.CAFile, Clock: clock, data: cfg.DataDir}
	case err := <-done:
		done <- nil
		t.Fatalf("start the server: %v", err)
		return nil
	}
}

// Import stores the sessions of a file or directory, in the format of
// "spsd import".
func (s *Server) Import(t testing.TB, path string) {
	t.Helper()
	s.withData(t, func(ctx context.Context, d *server.Data) error {
		_, err := d.Import(ctx, path, nil)
		return err
	})
}

// Seed stores n generated sessions; the same number gives the same sessions.
func (s *Server) Seed(t testing.TB, n int, number uint64) {
	t.Helper()
	generator, err := seed.New(number, n, seed.DefaultTrailShare(n))
	if err != nil {
		t.Fatal(err)
	}
	s.withData(t, func(ctx context.Context, d *server.Data) error {
		_, err := d.Seed(ctx, generator, nil)
		return err
	})
}

func (s *Server) withData(t testing.TB, do func(context.Context, *server.Data) error) {
	t.Helper()
	ctx := context.Background()
	d, err := server.OpenData(ctx, s.data)
	if err != nil {
		t.Fatal(err)
	}
	err = do(ctx, d)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
}

// Clock is the server's clock. It runs like the real one, ahead of it by what the
// test adds.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the server's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Advance moves the server's time forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
