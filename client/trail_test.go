package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

const trailPattern = "GET /api/audit/sessions/{key}/audit_trail"

// steps is a writer that hands over what it gets and waits until it is taken.
type steps struct{ received chan string }

func (s steps) Write(p []byte) (int, error) {
	s.received <- string(p)
	return len(p), nil
}

// callback is a writer that calls a function.
type callback func()

func (f callback) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

// A trail goes through the client as it comes, and its length doesn't matter.
func TestTrailIsStreamed(t *testing.T) {
	f := newFake(t)
	next := make(chan string)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.RawQuery; got != "format=srs" {
			t.Errorf("asked with %q", got)
		}
		if r.Header.Get("Accept-Encoding") != "identity" || strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
			t.Errorf("asked with %v", r.Header)
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		for part := range next {
			_, _ = io.WriteString(w, part)
			w.(http.Flusher).Flush()
		}
	})
	c := f.client(t)
	received := make(chan string)
	done := make(chan error)
	var n int64
	go func() {
		var err error
		n, err = c.FollowTrail(t.Context(), "1", steps{received})
		done <- err
	}()
	for _, part := range []string{"one", "two", "three"} {
		next <- part
		if got := <-received; got != part {
			t.Errorf("received %q, want %q", got, part)
		}
	}
	close(next)
	if err := <-done; err != nil || n != 11 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestTrailInfo(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="x.zat"`)
		w.Header().Set("ETag", `"tag"`)
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Unix(1536999720, 0), strings.NewReader("content"))
	})
	var b bytes.Buffer
	n, info, err := f.client(t).DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
	if err != nil || n != 7 || b.String() != "content" {
		t.Fatalf("got %d bytes, %q, %v", n, b.String(), err)
	}
	want := client.TrailInfo{Name: "x.zat", Size: 7, ETag: `"tag"`, LastModified: time.Unix(1536999720, 0).UTC()}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
	if f.last().URL.RawQuery != "" {
		t.Errorf("asked with %s", f.last().URL.RawQuery)
	}
}

// A server proposes a name, not a place.
func TestTrailName(t *testing.T) {
	for disposition, want := range map[string]string{
		``:                                       "svc:29.srs",
		`attachment`:                             "svc:29.srs",
		`attachment; filename=a.srs`:             "a.srs",
		`attachment; filename*=UTF-8''na%C3%AFf`: "naïf",
		`attachment; filename="../../etc/passwd"`:                 "passwd",
		`attachment; filename="/etc/passwd"`:                      "passwd",
		`attachment; filename="..\\..\\boot.ini"`:                 "boot.ini",
		`attachment; filename=".bashrc"`:                          "bashrc",
		`attachment; filename=".."`:                               "svc:29.srs",
		`attachment; filename="/"`:                                "svc:29.srs",
		`attachment; filename="a%1Bb"`:                            "a%1Bb",
		`garbage;;;`:                                              "svc:29.srs",
		`attachment; filename="` + strings.Repeat("x", 300) + `"`: "svc:29.srs",
	} {
		f := newFake(t)
		f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", disposition)
		})
		_, info, err := f.client(t).DownloadTrail(t.Context(), "svc:29", io.Discard, client.TrailOptions{Format: client.TrailSRS})
		if err != nil || info.Name != want {
			t.Errorf("%q: the name is %q, want %q; %v", disposition, info.Name, want, err)
		}
	}
}

func TestTrailThatIsNone(t *testing.T) {
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		is      error
	}{
		"no trail": {func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") }, client.ErrNotFound},
		"proxy's page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, client.ErrUnexpectedAnswer},
		"captive portal": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!DOCTYPE html><html><body>Log in to the WLAN")
		}, client.ErrUnexpectedAnswer},
		"document": {func(w http.ResponseWriter, _ *http.Request) { answer(w, `{}`) }, client.ErrUnexpectedAnswer},
		"part": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.WriteHeader(http.StatusPartialContent)
		}, client.ErrUnexpectedAnswer},
		"endless error": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			endless(w, r)
		}, client.ErrUnexpectedAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.HandleFunc(trailPattern, tt.handler)
			c := f.client(t)
			var b bytes.Buffer
			n, _, err := c.DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
			if !errors.Is(err, tt.is) || n != 0 || b.Len() != 0 {
				t.Errorf("got %d bytes, %q, %v", n, b.String(), err)
			}
		})
	}
}

func TestTrailThatBreaksOff(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"with a length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "begin")
		},
		"in chunks": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = io.WriteString(w, "begin")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		f := newFake(t)
		f.HandleFunc(trailPattern, handler)
		var b bytes.Buffer
		n, _, err := f.client(t).DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
		if !errors.Is(err, io.ErrUnexpectedEOF) || n != 5 || b.String() != "begin" {
			t.Errorf("%s: got %d bytes, %q, %v", name, n, b.String(), err)
		}
	}
}

// Not every transport compares lengths by itself.
func TestTrailLengthIsCompared(t *testing.T) {
	h := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode: http.StatusOK, Request: r, Header: http.Header{"Set-Cookie": {"session_id=1"}, "Content-Type": {"application/octet-stream"}},
			Body: io.NopCloser(strings.NewReader("begin")), ContentLength: 6,
		}
		if r.URL.Path == "/api/authentication" {
			resp.Header.Set("Content-Type", "application/json")
			resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
		}
		return resp, nil
	})}
	c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
	if n, _, err := c.DownloadTrail(t.Context(), "1", io.Discard, client.TrailOptions{}); !errors.Is(err, io.ErrUnexpectedEOF) || n != 5 {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

// The trail of a server that compresses all the same is taken as it is, so that its
// length can be compared.
func TestTrailIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, "content")
	_ = z.Close()
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(packed.Len()))
		_, _ = w.Write(packed.Bytes())
	})
	var b bytes.Buffer
	if _, _, err := f.client(t).DownloadTrail(t.Context(), "1", &b, client.TrailOptions{}); err != nil || !bytes.Equal(b.Bytes(), packed.Bytes()) {
		t.Errorf("got %d bytes of %d, %v", b.Len(), packed.Len(), err)
	}
}

func TestTrailToAFullDisk(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, "content")
	})
	closed, err := os.Create(filepath.Join(t.TempDir(), "trail"))
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	if _, _, err := f.client(t).DownloadTrail(t.Context(), "1", closed, client.TrailOptions{}); !errors.Is(err, os.ErrClosed) || !errors.Is(err, client.ErrTrailWrite) {
		t.Errorf("the error is %v", err)
	}
}

func TestTrailIsCancelled(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	n, _, err := f.client(t).DownloadTrail(ctx, "1", callback(cancel), client.TrailOptions{})
	if !errors.Is(err, context.Canceled) || n != 5 {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

func TestTrailLogsInAgain(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, "content")
	})
	c := f.client(t)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.expire()
	if n, _, err := c.DownloadTrail(t.Context(), "1", io.Discard, client.TrailOptions{}); err != nil || n != 7 {
		t.Errorf("got %d bytes, %v", n, err)
	}
}
