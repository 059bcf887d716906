//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a running server: spsd or a floor.
type process struct {
	name    string
	pid     int
	url     *url.URL
	ca      string    // PEM file to trust; empty for plain HTTP
	started time.Time // just before it was executed
	stop    func()    // ends it, and waits until it has
}

// look is how often a starting server is asked whether it is ready.
const look = 500 * time.Microsecond

// start runs a server that takes --ready-file, and waits until it is ready. The
// caller stops it.
func (b *bench) start(ctx context.Context, path string, args ...string) (*process, error) {
	ready := b.file("ready.json")
	ctx, end := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path, append(args, "--ready-file", ready)...) //nolint:gosec // what the caller wants measured
	var log lockedBuffer
	cmd.Stderr = &log
	cmd.Env = environment()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	p := &process{name: filepath.Base(path), started: time.Now()}
	if err := cmd.Start(); err != nil {
		end()
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	p.pid = cmd.Process.Pid
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ends is its own business
	}()
	p.stop = func() {
		end()
		<-ended
	}
	if err := p.wait(ctx, ready, ended); err != nil {
		p.stop()
		return nil, fmt.Errorf("start %s: %w\n%s", p.name, err, log.String())
	}
	return p, nil
}

// wait reads the ready file once it is there.
func (p *process) wait(ctx context.Context, ready string, ended <-chan struct{}) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		raw, err := os.ReadFile(ready)
		if err == nil {
			var info struct{ URL, CA string }
			if err := json.Unmarshal(raw, &info); err != nil {
				return err
			}
			p.ca = info.CA
			p.url, err = url.Parse(info.URL)
			return err
		}
		select {
		case <-tick.C:
		case <-ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tls is what a client of the process needs; nil for plain HTTP.
func (p *process) tls() (*tls.Config, error) {
	if p.url.Scheme == "http" {
		return nil, nil //nolint:nilnil // that is how crypto/tls says it, too
	}
	pem, err := os.ReadFile(p.ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", p.ca)
	}
	return &tls.Config{RootCAs: pool, ServerName: p.url.Hostname(), MinVersion: tls.VersionTLS12}, nil
}

const adminPassword = "to be measured"

// environment is this process's own without the settings of spsd, which would
// change what is measured.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "SPSD_") {
			env = append(env, e)
		}
	}
	return append(env, "SPSD_ADMIN_PASSWORD="+adminPassword)
}

// outcome is what a command that ran to its end took.
type outcome struct{ wall, cpu time.Duration }

// execute runs a command to its end and returns its standard output.
func execute(ctx context.Context, path string, args ...string) ([]byte, outcome, error) {
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // what the caller wants measured
	cmd.Env = environment()
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	started := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, outcome{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(path), args[0], err, log.String())
	}
	return out.Bytes(), outcome{time.Since(started), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
