//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
)

// daemon is spsd itself, with a login.
type daemon struct {
	*process
	http   *http.Client
	cookie string
}

// scheme is how a server is talked to.
type scheme string

// Both are measured. Floors that speak HTTPS use the certificate that spsd has
// made for itself.
const (
	plain  scheme = "HTTP"
	secure scheme = "HTTPS"
)

var schemes = []scheme{plain, secure}

// serveArgs are how spsd is started wherever it is measured.
func serveArgs(data string, s scheme) []string {
	args := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "warn"}
	if s == plain {
		args = append(args, "--http")
	}
	return args
}

// serve starts spsd on the data directory and logs in.
func (b *bench) serve(ctx context.Context, s scheme) (*daemon, error) {
	p, err := b.start(ctx, b.spsd, serveArgs(b.data, s)...)
	if err != nil {
		return nil, err
	}
	d := &daemon{process: p}
	if err := d.login(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("log in: %w", err)
	}
	return d, nil
}

func (d *daemon) login(ctx context.Context) error {
	config, err := d.tls()
	if err != nil {
		return err
	}
	d.http = &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableCompression: true, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url.String()+"/api/authentication", http.NoBody)
	if err != nil {
		return err
	}
	r.SetBasicAuth("admin", adminPassword)
	resp, err := d.http.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.Name == "session_id" {
			d.cookie = c.Value
			return nil
		}
	}
	return fmt.Errorf("status %d, no cookie", resp.StatusCode)
}

// get asks for something as the one who is logged in. header may be nil.
func (d *daemon) get(ctx context.Context, path string, want int, header http.Header) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url.String()+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Cookie", "session_id="+d.cookie)
	resp, err := d.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("GET %s: status %d: %s", path, resp.StatusCode, body)
	}
	return body, err
}

// request is a GET with the login's cookie.
func (d *daemon) request(path string) []byte { return request(d.url.Host, path, d.cookie) }

// startFloor starts a floor that speaks the same scheme as spsd does.
func (b *bench) startFloor(ctx context.Context, d *daemon, name string, args ...string) (*process, error) {
	return b.start(ctx, b.floor(name), append(args, b.tlsArgs(d.ca)...)...)
}

// tlsArgs give a floor the certificate of spsd; without one it speaks plain HTTP.
func (b *bench) tlsArgs(ca string) []string {
	if ca == "" {
		return nil
	}
	return []string{"--tls-cert", ca, "--tls-key", filepath.Join(b.data, "tls-key.pem")}
}
