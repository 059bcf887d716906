// Package server is the composition root of the stand-in: it alone knows which
// back ends there are, and wires them to the API. It holds no rules of the API
// and no SQL.
package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/internal/httpapi"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/internal/reference"
	"github.com/spskit/spskit/server/internal/seed"
	"github.com/spskit/spskit/server/store"
)

// sweepInterval is how often expired logins and snapshots are removed. They have
// no effect before either: this only frees their space.
const sweepInterval = time.Minute

// ErrBusy says that another server runs on the same data directory.
var ErrBusy = errors.New("another spsd serves this data directory")

// Server is a stand-in that is ready to serve.
type Server struct {
	cfg      Config
	log      *slog.Logger
	data     *Data
	lock     *flock.Flock
	logins   *login.Manager
	audit    *audit.Service
	api      *httpapi.API
	registry *prometheus.Registry

	firstPassword string // of the administrator, when it was made up just now
}

// New opens the data directory and builds the server. Close releases it.
func New(ctx context.Context, cfg Config) (*Server, error) {
	err := cfg.Validate()
	if err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, log: slog.New(httpapi.LogHandler(cfg.Logger.Handler()))}
	if err := makeDataDir(cfg.DataDir); err != nil {
		return nil, err
	}
	s.lock = flock.New(filepath.Join(cfg.DataDir, "serve.lock"))
	switch locked, err := s.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the data directory: %w", err)
	case !locked:
		return nil, fmt.Errorf("%w: %s", ErrBusy, cfg.DataDir)
	}
	if s.data, err = OpenData(ctx, cfg.DataDir); err == nil {
		err = s.build(ctx)
	}
	if err != nil {
		_ = s.Close() // the first error is the one that counts
		return nil, err
	}
	return s, nil
}

func (s *Server) build(ctx context.Context) error {
	profile, err := config.ProfileFor(s.cfg.Appliance)
	if err != nil {
		return err
	}
	configuration := config.New(s.data.store, config.TreeFor(profile.Version), profile, s.cfg.Now)
	s.logins = login.New(s.data.store, login.Options{
		Now: s.cfg.Now, IdleTimeout: s.cfg.IdleTimeout, BcryptCost: s.cfg.BcryptCost, GroupRights: configuration.GroupRights,
	})
	if err := s.connect(ctx, configuration); err != nil {
		return err
	}
	if _, s.firstPassword, err = s.logins.EnsureAdmin(ctx, s.cfg.AdminPassword); err != nil {
		return fmt.Errorf("create the first administrator: %w", err)
	}
	if s.cfg.Demo {
		if err := s.data.fillWithDemo(ctx, s.cfg.Now()); err != nil {
			return fmt.Errorf("fill with demo data: %w", err)
		}
	}
	if s.cfg.AdminListen != "" {
		s.registry = prometheus.NewRegistry()
	}
	s.audit = audit.New(s.data.store, s.cfg.Now)
	s.api, err = httpapi.New(httpapi.Options{
		Logins:        s.logins,
		Configuration: configuration,
		Audit:         s.audit,
		Trails:        s.data.trails,
		Appliance:     s.cfg.Appliance,
		Strict:        s.cfg.Strict,
		Secure:        !s.cfg.HTTP,
		Certificates:  s.cfg.ClientCA != "",
		Log:           s.log,
		Registry:      s.registry,
		Now:           s.cfg.Now,
		Access: func(ctx context.Context, user string, rights store.Rights) (audit.Access, error) {
			queries, all, err := configuration.AuditQueries(ctx, user, rights)
			if all {
				return audit.Access{}, err
			}
			return audit.Only(queries...), err
		},
	})
	return err
}

// connect lets the configuration and the logins have effect on each other.
func (s *Server) connect(ctx context.Context, c *config.Service) error {
	c.Accounts = func(ctx context.Context) ([]string, error) {
		users, err := s.logins.ListUsers(ctx)
		names := make([]string, len(users))
		for i, u := range users {
			names[i] = u.Name
		}
		return names, err
	}
	c.Hash = func(ctx context.Context, password string) (string, error) {
		hash, err := s.logins.HashPassword(ctx, password)
		if errors.Is(err, login.ErrBadPassword) {
			err = &config.InvalidError{Violations: []config.Violation{{Path: "/plain", Reason: err.Error()}}}
		}
		return hash, err
	}
	c.AccountsChanged = s.logins.Forget
	if s.cfg.IdleTimeout != 0 {
		return nil // whoever started the server knows better
	}
	return c.Watch(ctx, config.WebInterface, func(document []byte) error {
		var settings struct{ Timeout int }
		if err := json.Unmarshal(document, &settings); err != nil {
			return fmt.Errorf("%s: %w", config.WebInterface, err)
		}
		s.logins.SetIdleTimeout(time.Duration(settings.Timeout) * time.Minute)
		return nil
	})
}

// Handler is the whole API and its reference, for a listener of the caller's own.
func (s *Server) Handler() http.Handler { return reference.Handler(s.api) }

// Close releases the data directory. The server must not be serving any more.
func (s *Server) Close() error {
	var err error
	if s.data != nil {
		err = s.data.Close()
	}
	return errors.Join(err, s.lock.Unlock())
}

// Ready is what a started server tells its user.
type Ready struct {
	URL           string // without a trailing slash
	CAFile        string // PEM file that clients should trust; empty for plain HTTP
	AdminURL      string // of /metrics and /healthz; empty for none
	AdminPassword string // of the administrator "admin" when it was made up just now
}

// Run serves until ctx ends, then lets running requests finish. ready is called
// once, as soon as the server answers.
func (s *Server) Run(ctx context.Context, ready func(Ready)) error {
	if err := s.removeReadyFile(); err != nil {
		return err
	}
	info, listeners, err := s.listen(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.removeReadyFile() }() // it is gone already, or it can only go stale
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	background.Go(func() { s.sweep(ctx) })
	if s.cfg.Demo {
		background.Go(func() { seed.KeepAlive(ctx, s.data.store, s.data.trails, s.cfg.Now, s.log) })
	}

	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- l.server.Serve(l.listener) }()
	}
	// The file comes last: who waits for it finds everything else said.
	ready(info)
	if err := s.writeReadyFile(info); err != nil {
		return errors.Join(err, shutDown(listeners))
	}
	select {
	case <-ctx.Done():
		return shutDown(listeners)
	case err := <-failed:
		return errors.Join(err, shutDown(listeners))
	}
}

func (s *Server) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.logins.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "sweep expired logins", "error", err)
			}
			if err := s.audit.SweepSnapshots(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "sweep expired snapshots", "error", err)
			}
		}
	}
}

// writeReadyFile puts the whole file in place at once, so that whoever waits for
// it never reads half of it.
func (s *Server) writeReadyFile(info Ready) error {
	if s.cfg.ReadyFile == "" {
		return nil
	}
	ca := info.CAFile
	if ca != "" {
		// Whoever reads the file may be in another directory.
		absolute, err := filepath.Abs(ca)
		if err != nil {
			return err
		}
		ca = absolute
	}
	body, err := json.Marshal(map[string]string{"url": info.URL, "ca": ca})
	if err != nil {
		return err
	}
	temporary := s.cfg.ReadyFile + ".tmp"
	err = os.WriteFile(temporary, append(body, '\n'), 0o600)
	if err == nil {
		err = os.Rename(temporary, s.cfg.ReadyFile)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return fmt.Errorf("write the ready file: %w", err)
	}
	return nil
}

// removeReadyFile removes what an earlier run left: whoever waits for the file
// must not find the address of a server that is gone.
func (s *Server) removeReadyFile() error {
	if s.cfg.ReadyFile == "" {
		return nil
	}
	if err := os.Remove(s.cfg.ReadyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the old ready file: %w", err)
	}
	return nil
}

type listening struct {
	server   *http.Server
	listener net.Listener
}
