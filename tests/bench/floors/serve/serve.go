// Package serve is what the floors of the benchmark have in common: it puts a
// handler on a free port of the loopback and tells the benchmark where.
package serve

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Flags are how the benchmark tells a floor what to do. They are named like
// those of spsd serve.
type Flags struct {
	readyFile, cert, key string
}

// Register adds the flags to a flag set.
func (f *Flags) Register(set *flag.FlagSet) {
	set.StringVar(&f.readyFile, "ready-file", "", "file to write {\"url\", \"ca\"} into once the floor answers")
	set.StringVar(&f.cert, "tls-cert", "", "PEM file of the certificate; without one plain HTTP is served")
	set.StringVar(&f.key, "tls-key", "", "PEM file of the certificate's key")
}

// Serve answers with handler until SIGTERM or Ctrl-C.
func (f *Flags) Serve(handler http.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	scheme := "http"
	if f.cert == "" {
		go func() { failed <- server.Serve(listener) }()
	} else {
		scheme = "https"
		go func() { failed <- server.ServeTLS(listener, f.cert, f.key) }()
	}
	if err := f.ready(scheme + "://" + listener.Addr().String()); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return server.Close()
	case err := <-failed:
		return err
	}
}

// ready puts the whole file in place at once, as spsd does.
func (f *Flags) ready(url string) error {
	body, err := json.Marshal(map[string]string{"url": url, "ca": f.cert})
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.readyFile+".tmp", body, 0o600); err != nil {
		return err
	}
	return os.Rename(f.readyFile+".tmp", f.readyFile)
}
