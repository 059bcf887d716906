package client_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/spskit/spskit/client"
)

func TestCloseIdleConnections(t *testing.T) {
	for name, opts := range map[string][]client.Option{
		"own transport":      nil,
		"caller's transport": {client.WithHTTPClient(&http.Client{Transport: &http.Transport{}})},
		"layer": {client.WithRoundTripper(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(next.RoundTrip)
		})},
	} {
		closed := make(chan struct{}, 10)
		idle := make(chan struct{}, 10)
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, `{"body":1}`) }))
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateIdle:
				idle <- struct{}{}
			case http.StateClosed:
				closed <- struct{}{}
			}
		}
		s.Start()
		c := newClient(t, s.URL, opts...)
		for range 2 { // it can be used as before
			if err := get(t.Context(), c); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			<-idle
			if len(closed) > 0 {
				t.Errorf("%s: closed too early", name)
			}
			c.CloseIdleConnections()
			<-closed // or the test hangs
		}
		s.Close()
	}
}
