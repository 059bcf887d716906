package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

const trailPattern = "GET /api/audit/sessions/{key}/audit_trail"

// callback is a writer that calls a function.
type callback func()

func (f callback) Write(p []byte) (int, error) {
	f()
	return len(p), nil
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
		`attachment; filename="../../etc/passwd"`:    "passwd",
		`attachment; filename="/etc/passwd"`:         "passwd",
		`attachment; filename="..\\..\\boot.ini"`:    "boot.ini",
		`attachment; filename=".bashrc"`:             "bashrc",
		`attachment; filename=".."`:                  "svc:29.srs",
		`attachment; filename="/"`:                   "svc:29.srs",
		`attachment; filename="a%1Bb"`:               "a%1Bb",
		`attachment; filename*=UTF-8''a%1B%5B2J%0Ab`: "a [2J b",
		`garbage;;;`: "svc:29.srs",
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
		"parts": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "multipart/byteranges; boundary=x")
			_, _ = io.WriteString(w, "--x")
		}, client.ErrUnexpectedAnswer},
		"packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b")
		}, client.ErrUnexpectedAnswer},
		"nothing": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, client.ErrUnexpectedAnswer},
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
	for name, tt := range map[string]struct {
		body io.Reader
		is   error
	}{
		"short":   {strings.NewReader("begin"), io.ErrUnexpectedEOF},
		"exact":   {strings.NewReader("begins"), nil},
		"long":    {strings.NewReader("beginning"), client.ErrUnexpectedAnswer},
		"endless": {zeros{}, client.ErrUnexpectedAnswer},
	} {
		c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
			client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
				resp := response(r, 200, "application/octet-stream", tt.body)
				resp.ContentLength = 6
				return resp, nil
			})))
		var b bytes.Buffer
		n, _, err := c.DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
		if !errors.Is(err, tt.is) || n != int64(b.Len()) || n > 6 || (err == nil) != (n == 6 && tt.is == nil) {
			t.Errorf("%s: got %d bytes, %v", name, n, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
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
