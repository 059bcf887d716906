package client

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/spskit/spskit/gen/apiclient"
)

// doer is a layer that every request goes through. A layer does one job and hands
// the request to the next one.
type doer = apiclient.HttpRequestDoer

// layers puts the layers together. From the outermost to the wire:
//
//  1. login: adds the cookie; logs in at first use and again when the login has
//     expired. What it sends for that goes through the layers below.
//  2. identity: says who asks and what for.
//  3. logging: tells what goes over the wire, without its secrets.
//  4. sending: stays on the one server.
func layers(base *url.URL, s *settings, transport http.RoundTripper) (*loginLayer, doer) {
	var d doer = sendLayer{&http.Client{Transport: transport, CheckRedirect: stay}}
	d = logLayer{next: d, log: s.logger}
	d = identityLayer{next: d, userAgent: s.userAgent}
	l := &loginLayer{
		next: d, server: base.String() + "/",
		user: s.user, password: s.password, method: s.loginMethod,
		ask: s.passwordFunc, store: s.loginStore,
		timeout: s.effectiveTimeout(),
	}
	if l.timeout == 0 {
		l.timeout = DefaultTimeout // or one that hangs would hold up all requests for ever
	}
	return l, l
}

type identityLayer struct {
	next      doer
	userAgent string
}

func (l identityLayer) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set("User-Agent", l.userAgent)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	return l.next.Do(req)
}

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
	attrs := []slog.Attr{
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
			values = []string{"[redacted]"}
		}
		attrs = append(attrs, slog.Any(name, values))
	}
	return slog.GroupValue(attrs...)
}

type sendLayer struct{ http *http.Client }

// Do leaves the query out of its errors, and the place of a redirect too.
func (l sendLayer) Do(req *http.Request) (*http.Response, error) {
	resp, err := l.http.Do(req)
	if err != nil {
		var wrapper *url.Error
		if errors.As(err, &wrapper) {
			err = wrapper.Err
		}
		return nil, fmt.Errorf("%s %s://%s%s: %w", req.Method, req.URL.Scheme, req.URL.Host, req.URL.Path, err)
	}
	return resp, nil
}

// stay follows a redirect only within the server and only as the same request.
// Everything else would show the credentials to somebody else, or make a read of
// a write.
func stay(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 || !sameOrigin(req.URL, via[0].URL) || req.Method != via[0].Method {
		return ErrRedirected
	}
	return nil
}
