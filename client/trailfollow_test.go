package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
)

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
		w.(http.Flusher).Flush()
		for part := range next {
			_, _ = io.WriteString(w, part)
			w.(http.Flusher).Flush()
		}
	})
	trail, info, err := f.client(t).FollowTrail(t.Context(), "1")
	if err != nil || info.Size != -1 || info.Name != "1.srs" {
		t.Fatalf("got %+v, %v", info, err)
	}
	defer trail.Close()
	buffer := make([]byte, 100)
	for _, part := range []string{"one", "two", "three"} {
		next <- part
		if n, err := trail.Read(buffer); err != nil || string(buffer[:n]) != part {
			t.Errorf("received %q, want %q, %v", buffer[:n], part, err)
		}
	}
	close(next)
	for range 2 {
		if n, err := trail.Read(buffer); n != 0 || err != io.EOF {
			t.Errorf("at the end %d bytes, %v", n, err)
		}
	}
}

func TestFollowedTrailThatBreaksOff(t *testing.T) {
	for name, tt := range map[string]struct {
		length string
		sent   string
		is     error
	}{
		"in chunks":     {"", "begin", io.ErrUnexpectedEOF},
		"with a length": {"100", "begin", io.ErrUnexpectedEOF},
		"at once":       {"", "", io.ErrUnexpectedEOF},
	} {
		f := newFake(t)
		f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			if tt.length != "" {
				w.Header().Set("Content-Length", tt.length)
			}
			_, _ = io.WriteString(w, tt.sent)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})
		trail, _, err := f.client(t).FollowTrail(t.Context(), "1")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(trail)
		if !errors.Is(err, tt.is) || string(got) != tt.sent {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if _, again := trail.Read(make([]byte, 1)); !errors.Is(again, tt.is) {
			t.Errorf("%s: then %v", name, again)
		}
		_ = trail.Close()
	}
}

// Not every transport compares lengths by itself.
func TestFollowedTrailLengthIsCompared(t *testing.T) {
	for body, is := range map[string]error{"begin": io.ErrUnexpectedEOF, "beginning": client.ErrUnexpectedAnswer, "begins": nil} {
		c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
			client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
				resp := response(r, 200, "application/octet-stream", strings.NewReader(body))
				resp.ContentLength = 6
				return resp, nil
			})))
		trail, _, err := c.FollowTrail(t.Context(), "1")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(trail)
		if !errors.Is(err, is) || (is == nil && err != nil) || len(got) > 6 {
			t.Errorf("got %q, %v", got, err)
		}
		_ = trail.Close()
	}
}

func TestFollowedTrailIsClosed(t *testing.T) {
	for name, sends := range map[string]bool{"a silent one": false, "one that never stops": true} {
		f := newFake(t)
		over := make(chan struct{})
		f.HandleFunc(trailPattern, func(w http.ResponseWriter, r *http.Request) {
			defer close(over)
			w.Header().Set("Content-Type", "application/octet-stream")
			w.(http.Flusher).Flush()
			for sends && r.Context().Err() == nil {
				_, _ = io.WriteString(w, "more")
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		trail, _, err := f.client(t, client.WithObserver(&notes{})).FollowTrail(t.Context(), "1")
		if err != nil {
			t.Fatal(err)
		}
		begun, reading := make(chan struct{}), make(chan error)
		go func() {
			if sends {
				_, _ = trail.Read(make([]byte, 1))
			}
			close(begun)
			_, err := io.Copy(io.Discard, trail)
			reading <- err
		}()
		<-begun
		if err := trail.Close(); err != nil {
			t.Error(err)
		}
		if err := <-reading; !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: the read ended with %v", name, err)
		}
		<-over
	}
}

func TestFollowTrailRefuses(t *testing.T) {
	f := newFake(t)
	f.HandleFunc(trailPattern, func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") })
	if _, _, err := f.client(t).FollowTrail(t.Context(), "1"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
	if _, _, err := f.client(t).FollowTrail(t.Context(), ".."); err == nil {
		t.Error("it takes a key that leads upwards")
	}
}

// A session grows while it is followed, and then ends.
func TestIntegrationFollowToTheEnd(t *testing.T) {
	s, connect := start(t, "8.0")
	content := randomBytes(3, 500_000)
	importTrail(t, s, "live", 1, true, content[:1000])
	trail, _, err := connect().FollowTrail(t.Context(), "live")
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	got := make([]byte, len(content))
	read := 0
	for i, size := range []int{1000, 1001, 400_000} {
		if i > 0 {
			importTrail(t, s, "live", i+1, true, content[:size])
		}
		n, err := io.ReadFull(trail, got[read:size])
		if read += n; err != nil {
			t.Fatalf("after %d bytes: %v", read, err)
		}
	}
	importTrail(t, s, "live", 4, false, content)
	rest, err := io.ReadAll(trail)
	if err != nil || string(got[:read])+string(rest) != string(content) {
		t.Errorf("got %d bytes and %d, %v", read, len(rest), err)
	}
}

// When the login ends, so does the following, and not as the session does.
func TestIntegrationFollowWithoutLogin(t *testing.T) {
	s, connect := start(t, "6.0")
	importTrail(t, s, "live", 1, true, []byte("begin"))
	c := connect()
	trail, _, err := c.FollowTrail(t.Context(), "live")
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	if _, err := io.ReadFull(trail, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if err := c.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := trail.Read(make([]byte, 1)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the error is %v", err)
	}
}

// lateTransport answers trails when the request has been given up, as a server may that
// sees the connection close and ends its answer.
type lateTransport struct{ next http.RoundTripper }

func (l lateTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/audit_trail") {
		return l.next.RoundTrip(r)
	}
	<-r.Context().Done()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func TestTrailThatCameTooLate(t *testing.T) {
	c := newFake(t).client(t, client.WithTimeout(50*time.Millisecond),
		client.WithRoundTripper(func(next http.RoundTripper) http.RoundTripper { return lateTransport{next} }))
	if _, _, err := c.FollowTrail(t.Context(), "1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("following: %v", err)
	}
	path := filepath.Join(t.TempDir(), "trail")
	if _, err := c.DownloadTrailFile(t.Context(), "1", path, client.TrailOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("downloading: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a file")
	}
}
