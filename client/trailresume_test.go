package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
)

// randomBytes are the same for the same seed.
func randomBytes(seed byte, n int) []byte {
	content := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(content)
	return content
}

// trailHandler serves a trail, and closes the connection when an answer has brought so
// many bytes as cuts says: the first answer as the first says, and so on.
type trailHandler struct {
	content []byte
	etag    string
	cuts    []int
	broken  func(n int, w http.ResponseWriter, r *http.Request) bool // may answer the n-th request, from 0, in its own way

	mu     sync.Mutex
	ranges []string // that requests asked for, and of what
}

func (h *trailHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	n := len(h.ranges)
	h.ranges = append(h.ranges, strings.TrimSpace(r.Header.Get("Range")+" "+r.Header.Get("If-Range")))
	h.mu.Unlock()
	if h.broken != nil && h.broken(n, w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", h.etag)
	if n < len(h.cuts) {
		w = &cutWriter{w, h.cuts[n]}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(h.content))
}

func (h *trailHandler) asked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ranges)
}

func (h *trailHandler) client(t *testing.T) *client.Client {
	t.Helper()
	f := newFake(t)
	f.Handle(trailPattern, h)
	return f.client(t)
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if len(p) < w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	_, _ = w.ResponseWriter.Write(p[:w.left])
	w.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func TestTrailIsResumed(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 1000), etag: `"tag"`, cuts: []int{300, 0, 1, 698}}
	var b bytes.Buffer
	n, info, err := h.client(t).DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
	if err != nil || n != 1000 || !bytes.Equal(b.Bytes(), h.content) || info.Size != 1000 {
		t.Errorf("got %d bytes, %+v, %v", n, info, err)
	}
	want := []string{"", `bytes=300- "tag"`, `bytes=300- "tag"`, `bytes=301- "tag"`, `bytes=999- "tag"`}
	if got := h.asked(); !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

// What is not the rest of the same file must not get into the one that was begun.
func TestTrailThatIsNotResumed(t *testing.T) {
	content := randomBytes(1, 1000)
	rest := func(w http.ResponseWriter, etag, contentRange, rest string) bool {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Range", contentRange)
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, rest)
		return true
	}
	all := string(content[400:])
	for name, tt := range map[string]struct {
		etag   string
		second func(http.ResponseWriter) bool // answers the request for the rest
		is     error
		asks   int
	}{
		"no ETag":           {``, nil, io.ErrUnexpectedEOF, 1},
		"weak ETag":         {`W/"tag"`, nil, io.ErrUnexpectedEOF, 1},
		"another file":      {`"tag"`, func(w http.ResponseWriter) bool { w.Header().Set("ETag", `"new"`); return rest200(w, content) }, client.ErrTrailChanged, 2},
		"another part":      {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, `"new"`, "bytes 400-999/1000", all) }, client.ErrTrailChanged, 2},
		"part without ETag": {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, ``, "bytes 400-999/1000", all) }, client.ErrTrailChanged, 2},
		"part from before":  {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, `"tag"`, "bytes 399-999/1000", all) }, client.ErrUnexpectedAnswer, 2},
		"part of a part":    {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, `"tag"`, "bytes 400-500/1000", all) }, client.ErrUnexpectedAnswer, 2},
		"part of more":      {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, `"tag"`, "bytes 400-999/2000", all) }, client.ErrUnexpectedAnswer, 2},
		"part of unknown":   {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, `"tag"`, "bytes 400-999/*", all) }, client.ErrUnexpectedAnswer, 2},
		"part of nothing":   {`"tag"`, func(w http.ResponseWriter) bool { return rest(w, `"tag"`, "", all) }, client.ErrUnexpectedAnswer, 2},
		"longer part": {`"tag"`, func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Length", "601")
			return rest(w, `"tag"`, "bytes 400-999/1000", all+"x")
		}, client.ErrUnexpectedAnswer, 2},
		"shorter part": {`"tag"`, func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Length", "100")
			return rest(w, `"tag"`, "bytes 400-999/1000", all[:100])
		}, client.ErrUnexpectedAnswer, 2},
		"part without length": {`"tag"`, func(w http.ResponseWriter) bool {
			rest(w, `"tag"`, "bytes 400-999/1000", all)
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "and more")
			return true
		}, client.ErrUnexpectedAnswer, 2},
		"packed part": {`"tag"`, func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Encoding", "br")
			return rest(w, `"tag"`, "bytes 400-999/1000", all)
		}, client.ErrUnexpectedAnswer, 2},
		"page": {`"tag"`, func(w http.ResponseWriter) bool { _, _ = io.WriteString(w, "<html>"); return true }, client.ErrUnexpectedAnswer, 2},
		"gone": {`"tag"`, func(w http.ResponseWriter) bool { fail(w, 404, "NotFound", "{}"); return true }, client.ErrNotFound, 2},
		"shorter": {`"tag"`, func(w http.ResponseWriter) bool {
			fail(w, 416, "RangeNotSatisfiable", "{}")
			return true
		}, client.ErrTrailChanged, 2},
		"elsewhere": {`"tag"`, func(w http.ResponseWriter) bool {
			w.Header().Set("Location", "https://elsewhere.example.com/")
			w.WriteHeader(http.StatusTemporaryRedirect)
			return true
		}, client.ErrRedirected, 2},
	} {
		t.Run(name, func(t *testing.T) {
			h := &trailHandler{content: content, etag: tt.etag, cuts: []int{400}}
			h.broken = func(n int, w http.ResponseWriter, _ *http.Request) bool { return n == 1 && tt.second(w) }
			var b bytes.Buffer
			n, _, err := h.client(t).DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
			if !errors.Is(err, tt.is) || n != int64(b.Len()) || !bytes.Equal(b.Bytes(), content[:n]) {
				t.Errorf("got %d bytes, %v", n, err)
			}
			if asks := len(h.asked()); asks != tt.asks {
				t.Errorf("%d requests, want %d", asks, tt.asks)
			}
		})
	}
}

func rest200(w http.ResponseWriter, content []byte) bool {
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(content)
	return true
}

// A server that knows no ranges sends the same file again, and what is there already is
// left out.
func TestTrailWithoutRanges(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 300_000), etag: `"tag"`, cuts: []int{200_000, 200_500}}
	h.broken = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Range")
		return false
	}
	var b bytes.Buffer
	n, _, err := h.client(t).DownloadTrail(t.Context(), "1", &b, client.TrailOptions{})
	if err != nil || n != 300_000 || !bytes.Equal(b.Bytes(), h.content) {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

// After a failure of the server or the network the download goes on, but not for ever.
func TestTrailGivesUp(t *testing.T) {
	for name, respond := range map[string]func(*http.Request) (*http.Response, error){
		"refused": func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED },
		"proxy": func(r *http.Request) (*http.Response, error) {
			return response(r, http.StatusBadGateway, "text/html", strings.NewReader("")), nil
		},
		"nothing of the rest": func(r *http.Request) (*http.Response, error) {
			resp := response(r, http.StatusPartialContent, "application/octet-stream", strings.NewReader(""))
			resp.Header.Set("ETag", `"tag"`)
			resp.Header.Set("Content-Range", "bytes 5-9/10")
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
					client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
						if asked++; asked > 1 {
							return respond(r)
						}
						resp := response(r, 200, "application/octet-stream", strings.NewReader("begin"))
						resp.ContentLength = 10
						resp.Header.Set("ETag", `"tag"`)
						return resp, nil
					})))
				began := time.Now()
				n, _, err := c.DownloadTrail(t.Context(), "1", io.Discard, client.TrailOptions{})
				if err == nil || n != 5 || asked < 5 || asked > 50 {
					t.Errorf("got %d bytes after %d requests, %v", n, asked, err)
				}
				if took := time.Since(began); took < 5*time.Second || took > 2*time.Minute {
					t.Errorf("it took %v", took)
				}
				asked = 0
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, _, err := c.DownloadTrail(ctx, "1", io.Discard, client.TrailOptions{}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the error is %v", err)
				}
			})
		})
	}
}

// stalled begins to answer and sends no more, however often it is asked.
func stalled(begin string, size int64) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		body, w := io.Pipe()
		go func() {
			if r.Header.Get("Range") == "" {
				_, _ = io.WriteString(w, begin)
			}
			<-r.Context().Done()
			w.CloseWithError(r.Context().Err())
		}()
		status := http.StatusOK
		if r.Header.Get("Range") != "" {
			status = http.StatusPartialContent
		}
		resp := response(r, status, "application/octet-stream", body)
		resp.Header.Set("ETag", `"tag"`)
		resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", len(begin), size-1, size))
		resp.ContentLength = size
		if size > 0 && status == http.StatusPartialContent {
			resp.ContentLength -= int64(len(begin))
		}
		return resp, nil
	}
}

func TestTrailStalls(t *testing.T) {
	const hour = time.Hour
	for name, tt := range map[string]struct {
		size  int64
		opts  client.TrailOptions
		after time.Duration
		is    error
	}{
		"default, and the rest doesn't come either": {10, client.TrailOptions{}, 2*client.DefaultTrailIdleTimeout + 100*time.Millisecond, client.ErrTrailStalled},
		"option":                      {10, client.TrailOptions{IdleTimeout: time.Second}, 2100 * time.Millisecond, client.ErrTrailStalled},
		"none":                        {10, client.TrailOptions{IdleTimeout: -1}, hour, context.DeadlineExceeded},
		"of unknown length":           {-1, client.TrailOptions{}, client.DefaultTrailIdleTimeout, client.ErrTrailStalled},
		"of a session":                {-1, client.TrailOptions{Format: client.TrailSRS}, hour, context.DeadlineExceeded},
		"of a session, with option":   {-1, client.TrailOptions{Format: client.TrailSRS, IdleTimeout: time.Second}, time.Second, client.ErrTrailStalled},
		"of a session that has ended": {10, client.TrailOptions{Format: client.TrailSRS}, 2*client.DefaultTrailIdleTimeout + 100*time.Millisecond, client.ErrTrailStalled},
		"when all is there":           {5, client.TrailOptions{}, client.DefaultTrailIdleTimeout, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
					client.WithHTTPClient(wire(stalled("begin", tt.size)))) //nolint:bodyclose // the client closes it
				ctx, cancel := context.WithTimeout(t.Context(), hour)
				defer cancel()
				began := time.Now()
				n, _, err := c.DownloadTrail(ctx, "1", io.Discard, tt.opts)
				if !errors.Is(err, tt.is) || n != 5 || (tt.is == nil && err != nil) {
					t.Errorf("got %d bytes, %v", n, err)
				}
				if took := time.Since(began); took != tt.after {
					t.Errorf("it took %v, want %v", took, tt.after)
				}
			})
		})
	}
}

// Only the server's silence counts, not the time that the writer takes.
func TestTrailToASlowWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
			client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
				return response(r, 200, "application/octet-stream", io.LimitReader(zeros{}, 1<<20)), nil
			})))
		slow := callback(func() { <-time.After(time.Hour) })
		if n, _, err := c.DownloadTrail(t.Context(), "1", slow, client.TrailOptions{}); err != nil || n != 1<<20 {
			t.Errorf("got %d bytes, %v", n, err)
		}
	})
}

// Over HTTP/2 a connection ends in other ways.
func TestTrailOverHTTP2(t *testing.T) {
	h := &trailHandler{content: randomBytes(1, 300_000), etag: `"tag"`, cuts: []int{100_000, 1}}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("asked over %s", r.Proto)
		}
		if r.URL.Path == "/api/authentication" {
			http.SetCookie(w, &http.Cookie{Name: "session_id", Value: "1"})
			answer(w, "{}")
			return
		}
		h.ServeHTTP(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c := newClient(t, s.URL, client.WithHTTPClient(s.Client()), client.WithPassword(user, password))
	var b bytes.Buffer
	if _, _, err := c.DownloadTrail(t.Context(), "1", &b, client.TrailOptions{}); err != nil || !bytes.Equal(b.Bytes(), h.content) {
		t.Errorf("got %d bytes, %v", b.Len(), err)
	}
	h.cuts = append(h.cuts, 0, 1000)
	trail, _, err := c.FollowTrail(t.Context(), "1")
	if err == nil {
		defer trail.Close()
		_, err = io.Copy(io.Discard, trail)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the error is %v", err)
	}
}

func TestTrailHeedsRetryAfter(t *testing.T) {
	for after, want := range map[string]struct {
		asks int
		took time.Duration
	}{"3600": {2, 0}, "20": {3, 20 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			c := newClient(t, "http://sps.example.com", client.WithPassword(user, password), client.WithoutRetry(),
				client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
					if asked++; asked == 2 {
						resp := response(r, 503, "application/json", strings.NewReader(`{"error":{"type":"ServiceUnavailable"}}`))
						resp.Header.Set("Retry-After", after)
						return resp, nil
					}
					resp := response(r, 200, "application/octet-stream", strings.NewReader("begin and end"[:min(13, 5+8*(asked/3))]))
					resp.ContentLength = 13
					resp.Header.Set("ETag", `"tag"`)
					return resp, nil
				})))
			began := time.Now()
			_, _, err := c.DownloadTrail(t.Context(), "1", io.Discard, client.TrailOptions{})
			if errors.Is(err, client.ErrUnavailable) != (want.asks == 2) || asked != want.asks {
				t.Errorf("%s: asked %d times, %v", after, asked, err)
			}
			if took := time.Since(began).Truncate(time.Second); took != want.took {
				t.Errorf("%s: it took %v", after, took)
			}
		})
	}
}
