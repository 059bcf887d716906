package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spskit/spskit/client"
)

func TestRedirectToAnotherServer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the client went to the other server, with %v", r.Header)
	}))
	defer elsewhere.Close()
	for _, path := range []string{"/api/info", "/api/audit/sessions/1/audit_trail"} {
		f := newFake(t)
		f.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/steal?cookie="+r.Header.Get("Cookie"), http.StatusTemporaryRedirect)
		})
		c := f.client(t)
		var err error
		if strings.HasSuffix(path, "trail") {
			_, _, err = c.DownloadTrail(t.Context(), "1", nil, client.TrailOptions{})
		} else {
			_, err = c.Info(t.Context())
		}
		if !errors.Is(err, client.ErrRedirected) {
			t.Errorf("%s: the error is %v", path, err)
		}
		checkNoSecrets(t, err.Error())
		if strings.Contains(err.Error(), "steal") {
			t.Errorf("the error holds the address: %v", err)
		}
	}
}

func TestRedirectOfTheLogin(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the client went to the other server, with %v", r.Header)
	}))
	defer elsewhere.Close()
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer s.Close()
	if err := newClient(t, s.URL, client.WithPassword(user, password)).Login(t.Context()); !errors.Is(err, client.ErrRedirected) {
		t.Errorf("the error is %v", err)
	}
}

// To follow it would make a GET of the PUT, and its success would be taken for the
// success of the write.
func TestRedirectOfAWrite(t *testing.T) {
	f := newFake(t)
	f.Handle("PUT /api/configuration/x", http.RedirectHandler("/api/configuration/y", http.StatusFound))
	f.on("GET /api/configuration/y", `{}`)
	if err := f.client(t).StrayPut(t.Context(), "/api/configuration/x", "value"); !errors.Is(err, client.ErrRedirected) {
		t.Errorf("the error is %v", err)
	}
}

func TestRedirectWithinTheServer(t *testing.T) {
	f := newFake(t)
	f.Handle("GET /api/info", http.RedirectHandler("/api/about", http.StatusMovedPermanently))
	f.on("GET /api/about", `{"body":{"hostname":"sps"}}`)
	info, err := f.client(t).Info(t.Context())
	if err != nil || info.Hostname != "sps" {
		t.Errorf("got %v, %v", info, err)
	}
}

func TestRedirectInCircles(t *testing.T) {
	f := newFake(t)
	f.Handle("GET /api/info", http.RedirectHandler("/api/info", http.StatusFound))
	if _, err := f.client(t).Info(t.Context()); !errors.Is(err, client.ErrRedirected) {
		t.Errorf("the error is %v", err)
	}
	if n := len(f.requests()); n > 10 {
		t.Errorf("%d requests", n)
	}
}
