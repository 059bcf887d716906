package contract

import (
	"errors"
	"net/http"
)

// Transport returns a RoundTripper that sends requests through next (nil for
// http.DefaultTransport) and fails the test on every request and response that
// breaks the contract. The caller gets every response, broken or not.
//
// JSON responses are read as a whole before they are passed on. Of others, such
// as trails, status and headers are checked, and the body streams. Requests that
// are made with a Deliberate context are not checked, their responses are.
func Transport(t T, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{t: t, next: next}
}

type transport struct {
	t    T
	next http.RoundTripper
}

func (tr *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	tr.t.Helper()
	called, parameters := find(r.Method, r.URL)
	sent := r.Clone(r.Context()) // a RoundTripper leaves its request alone
	if err := checkRequest(sent, called, parameters); err != nil {
		tr.t.Error(err)
	}
	response, err := tr.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	err = checkResponseOf(r, called, response)
	if err != nil && (r.Context().Err() == nil || !errors.Is(err, r.Context().Err())) { // the caller gave up
		tr.t.Error(err)
	}
	return response, nil
}

// CloseIdleConnections lets http.Client reach the transport below.
func (tr *transport) CloseIdleConnections() {
	if next, ok := tr.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
