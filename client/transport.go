package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spskit/spskit/gen/apiclient"
)

// doer is a layer that every request goes through. A layer does one job and hands
// the request to the next one.
type doer = apiclient.HttpRequestDoer

// layers puts the layers together. From the outermost to the wire:
//
//  1. login: adds the cookie; logs in at first use and again when the login has
//     expired, once. What it sends for that goes through the layers below.
//  2. API key: adds it, in place of a login.
//  3. retry: sends again what failed for the moment.
//  4. rate limit: makes requests wait for their turn, repeated ones too.
//  5. identity: says who asks and what for, and counts the attempts.
//  6. observing: tells tracing and metrics of each attempt.
//  7. logging: tells what goes over the wire, without its secrets.
//  8. sending: stays on the one server.
func layers(base *url.URL, s *settings, transport http.RoundTripper) (*loginLayer, doer) {
	var d doer = sendLayer{&http.Client{Transport: transport, CheckRedirect: stay}}
	d = logLayer{next: d, log: s.logger}
	if len(s.observers) > 0 {
		d = observeLayer{next: d, observers: s.observers}
	}
	d = identityLayer{next: d, userAgent: s.userAgent}
	if s.limit != nil {
		d = limitLayer{next: d, limit: s.limit}
	}
	d = retryLayer{next: d, policy: s.retry, log: s.logger}
	if s.credentials.key != nil {
		d = keyLayer{next: d, key: s.credentials.key}
	}
	l := &loginLayer{
		next: d, server: base.String() + "/",
		credentials: s.credentials, method: s.loginMethod, store: s.store,
		observers: s.observers, log: s.logger,
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
	callOf(req.Context()).attempts.Add(1)
	req.Header.Set("User-Agent", l.userAgent)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	return l.next.Do(req)
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
