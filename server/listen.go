package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Limits of a connection. Writing has its own, renewed by progress: see httpapi.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 60 * time.Second
	keepAlive      = 2 * time.Minute
	headerLimit    = 64 << 10
	stopPatience   = 5 * time.Second
)

// listen opens the listeners of the API and, if asked for, of the operators.
func (s *Server) listen(ctx context.Context) (Ready, []listening, error) {
	info := Ready{AdminPassword: s.firstPassword}
	api := s.httpServer(s.Handler())
	api.RegisterOnShutdown(s.api.StopFollowing)
	scheme := "http"
	if !s.cfg.HTTP {
		cert, ca, err := certificate(s.cfg, s.cfg.Now())
		if err != nil {
			return info, nil, err
		}
		scheme, info.CAFile = "https", ca
		api.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
		if s.cfg.ClientCA != "" {
			api.TLSConfig.ClientAuth = tls.VerifyClientCertIfGiven
			if api.TLSConfig.ClientCAs, err = clientCAs(s.cfg.ClientCA); err != nil {
				return info, nil, err
			}
		}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return info, nil, err
	}
	info.URL = scheme + "://" + displayAddress(listener.Addr(), s.cfg.Listen)
	if api.TLSConfig != nil {
		listener = tls.NewListener(listener, api.TLSConfig)
	}
	listeners := []listening{{api, listener}}
	if s.cfg.AdminListen != "" {
		admin, err := config.Listen(ctx, "tcp", s.cfg.AdminListen)
		if err != nil {
			return info, nil, errors.Join(err, listener.Close())
		}
		info.AdminURL = "http://" + displayAddress(admin.Addr(), s.cfg.AdminListen)
		listeners = append(listeners, listening{s.httpServer(s.operations()), admin})
	}
	return info, listeners, nil
}

// httpServer speaks HTTP/1.1 only: downloads keep sendfile, and one exchange a
// connection bounds what a client can ask for at once.
func (s *Server) httpServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:                      handler,
		Protocols:                    protocols,
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  requestTimeout,
		IdleTimeout:                  keepAlive,
		MaxHeaderBytes:               headerLimit,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// operations serves what operators need, on a listener of its own: it has no
// login.
func (s *Server) operations() http.Handler {
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := s.data.store.Revision(r.Context()); err != nil {
			s.log.ErrorContext(r.Context(), "health check", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"failing"}` + "\n"))
			return
		}
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n"))
	})
	return mux
}

// displayAddress is a host and port that a client on this machine can reach.
func displayAddress(addr net.Addr, listen string) string {
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	return net.JoinHostPort(certHost(listen), port)
}

func shutDown(listeners []listening) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	var all error
	for _, l := range listeners {
		err := l.server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = l.server.Close() // whoever still reads after the patience is cut off
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("stop: %w", err))
		}
	}
	return all
}
