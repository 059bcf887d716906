package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// notes is an observer that writes down what it is told.
type notes struct {
	header http.Header // to add to each request

	mu    sync.Mutex
	lines []string
}

type noteKey struct{ of *notes }

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notes) ObserveCall(ctx context.Context, operation string) (context.Context, func(client.CallResult)) {
	within, _ := ctx.Value(noteKey{n}).(string)
	n.add("%s begins in %q", operation, within)
	return context.WithValue(ctx, noteKey{n}, operation), func(r client.CallResult) {
		n.add("%s ends after %d: %s", operation, r.Attempts, client.Outcome(r.Err))
	}
}

func (n *notes) ObserveAttempt(ctx context.Context, a client.Attempt) (context.Context, func(client.AttemptResult)) {
	within, _ := ctx.Value(noteKey{n}).(string)
	for name, values := range n.header {
		a.Header[name] = values
	}
	return ctx, func(r client.AttemptResult) {
		n.add("%s %d in %q: %s %d, %d bytes, %v, %v", a.Operation, a.Number, within, a.Method, r.Status, r.Bytes, r.Wait, r.Duration)
	}
}

func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{
			func(r *http.Request) (*http.Response, error) {
				<-time.After(time.Second)
				return status(503, "Retry-After", "1")(r)
			},
			fine,
		}}
		n := &notes{}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithPassword(user, password), client.WithObserver(n))
		if err := get(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		want := []string{
			`get begins in ""`,
			`createLogin begins in "get"`,
			`createLogin 1 in "createLogin": GET 200, 2 bytes, 0s, 0s`,
			`createLogin ends after 1: ok`,
			`get 1 in "get": GET 503, 14 bytes, 1s, 1s`,
			`get 2 in "get": GET 200, 27 bytes, 0s, 0s`,
			`get ends after 2: ok`,
		}
		if diff := cmp.Diff(want, n.lines); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
	})
}

// Operations are those of the contract, for calls that bypass the usual way too.
func TestObserverOfATrail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &notes{}
		c := newClient(t, "http://sps.example.com", client.WithObserver(n),
			client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
				body, w := io.Pipe()
				go func() {
					<-time.After(time.Hour)
					_, _ = io.WriteString(w, "trail")
					_ = w.Close()
				}()
				return response(r, 200, "application/octet-stream", body), nil
			})))
		trail, _, err := c.FollowTrail(t.Context(), "secret-key")
		if err == nil {
			_, err = io.Copy(io.Discard, trail)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := trail.Close(); err != nil { // tells nobody of a second end
			t.Error(err)
		}
		want := []string{
			`downloadTrail begins in ""`,
			`downloadTrail 1 in "downloadTrail": GET 200, 5 bytes, 0s, 1h0m0s`,
			`downloadTrail ends after 1: ok`,
		}
		if diff := cmp.Diff(want, n.lines); diff != "" {
			t.Errorf("notes (-want +got):\n%s", diff)
		}
	})
}

// A raw call ends when its answer is closed.
func TestObserverOfRaw(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/x", `{}`)
	n := &notes{}
	c := f.client(t, client.WithObserver(n))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.lines = nil
	resp, err := c.Raw(t.Context(), "GET", "/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(n.lines, " "), "ends") {
		t.Errorf("ended too early: %q", n.lines)
	}
	for range 2 {
		_ = resp.Body.Close()
	}
	if last := n.lines[len(n.lines)-1]; last != "raw ends after 1: ok" || strings.Count(strings.Join(n.lines, "\n"), "raw ends") != 1 {
		t.Errorf("notes: %q", n.lines)
	}
}

func TestObserversNest(t *testing.T) {
	f := newFake(t)
	f.on("GET /api/info", `{"body":{"version":"6.0"}}`)
	outer := &notes{header: http.Header{"Traceparent": {"00-1"}, "Baggage": {"a", "b"}}}
	inner := &notes{header: http.Header{"Cookie": {"stolen"}, "Authorization": {"stolen"}, "User-Agent": {"stolen"}}}
	c := f.client(t, client.WithObserver(outer), client.WithObserver(inner))
	if _, err := c.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := f.last().Header
	if h.Get("Traceparent") != "00-1" || len(h["Baggage"]) != 2 {
		t.Errorf("the headers are %v", h)
	}
	for _, values := range h {
		if strings.Contains(strings.Join(values, ""), "stolen") {
			t.Errorf("an observer replaced %v", values)
		}
	}
	if len(outer.lines) != 6 || len(inner.lines) != 6 {
		t.Errorf("notes: %q, %q", outer.lines, inner.lines)
	}
}

// An observer that wants to know only one thing returns nothing for the other.
type silent struct{}

func (silent) ObserveCall(ctx context.Context, _ string) (context.Context, func(client.CallResult)) {
	return ctx, nil
}

func (silent) ObserveAttempt(ctx context.Context, _ client.Attempt) (context.Context, func(client.AttemptResult)) {
	return ctx, nil
}

func TestSilentObserver(t *testing.T) {
	c := newClient(t, "http://sps.example.com", client.WithObserver(silent{}), client.WithHTTPClient(wire(fine)))
	if err := get(t.Context(), c); err != nil {
		t.Error(err)
	}
}

func TestOutcome(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /api/known", func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NotFound", "{}") })
	f.HandleFunc("GET /api/new", func(w http.ResponseWriter, _ *http.Request) { fail(w, 404, "NeverHeardOf", "{}") })
	f.HandleFunc("GET /api/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	f.HandleFunc("GET /api/gone", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	f.on("GET /api/ok", `{}`)
	for path, want := range map[string]string{
		"known": "NotFound", "new": "other", "page": "unexpected", "gone": "network", "ok": "ok",
	} {
		var into any
		if got := client.Outcome(f.client(t).Get(t.Context(), "/api/"+path, &into)); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	for err, want := range map[error]string{
		context.Canceled: "canceled", context.DeadlineExceeded: "timeout", errors.New("x"): "other", client.ErrTransactionLost: "other",
	} {
		if got := client.Outcome(fmt.Errorf("get: %w", err)); got != want {
			t.Errorf("%v: %q", err, got)
		}
	}
}
