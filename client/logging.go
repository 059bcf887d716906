package client

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"
)

// logLayer tells what goes over the wire.
type logLayer struct {
	next doer
	log  *slog.Logger
}

func (l logLayer) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if !l.log.Enabled(ctx, slog.LevelDebug) {
		return l.next.Do(req)
	}
	began := time.Now()
	resp, err := l.next.Do(req)
	call := callOf(ctx)
	attrs := []slog.Attr{
		slog.String("operation", call.operation),
		slog.Int("attempt", int(call.attempts.Load())),
		slog.String("method", req.Method),
		slog.String("path", req.URL.Path),
		slog.String("query", req.URL.RawQuery),
		slog.Any("request", headers(req.Header)),
		slog.Duration("took", time.Since(began)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode), slog.Any("response", headers(resp.Header)))
	}
	l.log.LogAttrs(ctx, slog.LevelDebug, "SPS API request", attrs...)
	return resp, err
}

// headers are HTTP headers fit for a log.
type headers http.Header

// secretHeaders are those whose values must not be told to anybody.
var secretHeaders = map[string]bool{
	"Authorization": true, "Cookie": true, "Set-Cookie": true,
	"Proxy-Authorization": true, "X-Token": true,
}

// LogValue leaves the secret values out.
func (h headers) LogValue() slog.Value {
	attrs := make([]slog.Attr, 0, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		values := h[name]
		if secretHeaders[http.CanonicalHeaderKey(name)] {
			values = []string{redacted}
		}
		attrs = append(attrs, slog.Any(name, values))
	}
	return slog.GroupValue(attrs...)
}
