package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/client"
)

// script answers the requests for one path one after the other, and notes when they came.
type script struct {
	answers answers
	at      []time.Time
}

func (s *script) respond(r *http.Request) (*http.Response, error) {
	s.at = append(s.at, time.Now())
	next := s.answers[min(len(s.at), len(s.answers))-1]
	return next(r)
}

// waits are the times between the requests.
func (s *script) waits() []time.Duration {
	var waits []time.Duration
	for i := 1; i < len(s.at); i++ {
		waits = append(waits, s.at[i].Sub(s.at[i-1]))
	}
	return waits
}

func status(code int, header ...string) responder {
	return func(r *http.Request) (*http.Response, error) {
		resp := response(r, code, "text/html", strings.NewReader("<h1>later</h1>"))
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

func broken(err error) responder {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func fine(r *http.Request) (*http.Response, error) {
	return response(r, 200, "application/json", strings.NewReader(`{"body":{"hostname":"sps"}}`)), nil
}

type (
	responder func(*http.Request) (*http.Response, error)
	answers   = []responder
)

func get(ctx context.Context, c *client.Client) error {
	var into any
	return c.Get(ctx, "/api/x", &into)
}

func put(ctx context.Context, c *client.Client) error { return c.StrayPut(ctx, "/api/x", "document") }

func TestRetry(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, tt := range []struct {
		name    string
		answers answers
		call    func(context.Context, *client.Client) error
		sent    int
		ok      bool
	}{
		{"429", answers{status(429), fine}, get, 2, true},
		{"502", answers{status(502), fine}, get, 2, true},
		{"503", answers{status(503), fine}, get, 2, true},
		{"504", answers{status(504), fine}, get, 2, true},
		{"one after the other", answers{status(502), broken(io.EOF), status(504), fine}, get, 4, true},
		{"never", answers{status(503)}, get, 4, false},
		{"500", answers{status(500), fine}, get, 1, false},
		{"404", answers{status(404), fine}, get, 1, false},
		{"501", answers{status(501), fine}, get, 1, false},
		{"connection reset", answers{broken(reset), fine}, get, 2, true},
		{"connection closed", answers{broken(io.EOF), fine}, get, 2, true},
		{"cut short", answers{broken(io.ErrUnexpectedEOF), fine}, get, 2, true},
		{"connection refused", answers{broken(refused), fine}, get, 2, true},
		{"timeout", answers{broken(&net.DNSError{IsTimeout: true}), fine}, get, 2, true},
		{"unknown name", answers{broken(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), fine}, get, 1, false},
		{"certificate", answers{broken(&tls.CertificateVerificationError{Err: errors.New("bad")}), fine}, get, 1, false},
		{"TLS alert", answers{broken(&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}), fine}, get, 1, false},
		{"unknown failure", answers{broken(errors.New("who knows")), fine}, get, 1, false},
		{"write, 503", answers{status(503), fine}, put, 1, false},
		{"write, 429", answers{status(429), fine}, put, 1, false},
		{"write, connection reset", answers{broken(reset), fine}, put, 1, false},
		{"write, connection refused", answers{broken(refused), fine}, put, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: tt.answers}
				var bodies []string
				h := wire(func(r *http.Request) (*http.Response, error) {
					if r.Body != nil {
						body, _ := io.ReadAll(r.Body)
						bodies = append(bodies, string(body))
					}
					return s.respond(r)
				})
				c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
				err := tt.call(t.Context(), c)
				if (err == nil) != tt.ok || len(s.at) != tt.sent {
					t.Errorf("sent %d times, %v", len(s.at), err)
				}
				for i, wait := range s.waits() {
					if bound := client.DefaultRetryPolicy().BaseDelay << i; wait >= bound {
						t.Errorf("wait %d took %v, not less than %v", i, wait, bound)
					}
				}
				for _, body := range bodies {
					if body != "" && body != `"document"` {
						t.Errorf("sent the body %q", body)
					}
				}
			})
		})
	}
}

func TestRetryDelaysAreRandomAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{status(503)}}
		policy := client.RetryPolicy{MaxAttempts: 40, BaseDelay: time.Second, MaxDelay: 3 * time.Second, MaxElapsed: time.Hour}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithRetry(policy), client.WithTimeout(0))
		if err := get(t.Context(), c); err == nil || len(s.at) != 40 {
			t.Fatalf("sent %d times, %v", len(s.at), err)
		}
		seen := map[time.Duration]bool{}
		var longest time.Duration
		for i, wait := range s.waits() {
			bound := min(time.Second<<min(i, 10), 3*time.Second)
			if wait >= bound {
				t.Errorf("wait %d took %v", i, wait)
			}
			seen[wait], longest = true, max(longest, wait)
		}
		if len(seen) < 30 || longest < 2*time.Second { // 36 waits of up to 3 s are all shorter once in two million runs
			t.Errorf("the waits are not random: %v", s.waits())
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header func() []string
		sent   int
		wait   time.Duration // and less than BaseDelay more
	}{
		{"seconds", func() []string { return []string{"Retry-After", "7"} }, 2, 7 * time.Second},
		{"date", func() []string {
			return []string{"Retry-After", time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat)}
		}, 2, 9 * time.Second},
		{"date of a wrong clock", func() []string {
			wrong := time.Now().Add(-time.Hour).UTC()
			return []string{"Date", wrong.Format(http.TimeFormat), "Retry-After", wrong.Add(9 * time.Second).Format(http.TimeFormat)}
		}, 2, 9 * time.Second},
		{"date gone by", func() []string {
			return []string{"Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)}
		}, 2, 0},
		{"none", func() []string { return []string{"Retry-After", "soon"} }, 2, 0},
		{"negative", func() []string { return []string{"Retry-After", "-5"} }, 2, 0},
		{"longer than the policy", func() []string { return []string{"Retry-After", "31"} }, 1, 0},
		{"beyond all numbers", func() []string { return []string{"Retry-After", "9223372036854775807"} }, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: answers{status(429, tt.header()...), fine}}
				c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)))
				began := time.Now()
				err := get(t.Context(), c)
				if len(s.at) != tt.sent || (err == nil) != (tt.sent == 2) {
					t.Fatalf("sent %d times, %v", len(s.at), err)
				}
				if tt.sent == 1 {
					if took := time.Since(began); took > 0 {
						t.Errorf("it took %v to give up", took)
					}
					return
				}
				if wait := s.waits()[0]; wait < tt.wait || wait >= tt.wait+client.DefaultRetryPolicy().BaseDelay {
					t.Errorf("waited %v", wait)
				}
			})
		})
	}
}

// Where the wait would outlast the context the answer is worth more than the wait.
func TestRetryGivesUpBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{func(r *http.Request) (*http.Response, error) {
			resp := response(r, 429, "application/json", strings.NewReader(`{"error":{"type":"TooManyRequests"}}`))
			resp.Header.Set("Retry-After", "6")
			return resp, nil
		}}}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		if err := get(ctx, c); !errors.Is(err, client.ErrTooManyRequests) || time.Since(began) > 0 || len(s.at) != 1 {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestRetryEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{status(503, "Retry-After", "20")}}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		err := get(ctx, c)
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second || len(s.at) != 1 {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if !strings.Contains(err.Error(), "503") {
			t.Errorf("%q doesn't say what was waited for", err)
		}
	})
}

// What has been read of an answer is not read again.
func TestNoRetryWithinAnAnswer(t *testing.T) {
	requests := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"body":`)
	}))
	defer s.Close()
	if err := get(t.Context(), newClient(t, s.URL)); !errors.Is(err, io.ErrUnexpectedEOF) || requests != 1 {
		t.Errorf("%d requests, %v", requests, err)
	}
}

func TestWithoutRetry(t *testing.T) {
	s := &script{answers: answers{status(503), fine}}
	c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithoutRetry())
	if err := get(t.Context(), c); err == nil || len(s.at) != 1 {
		t.Errorf("sent %d times, %v", len(s.at), err)
	}
}

func TestRetryIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: answers{status(503), fine}}
		var b bytes.Buffer
		log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithLogger(log))
		if err := get(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"operation=get attempt=1", "operation=get attempt=2", "status=503", "status=200", `will be repeated`, `after="503 Service Unavailable"`} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("the log doesn't say %q:\n%s", want, b.String())
			}
		}
	})
}

func TestRetryPolicyIsChecked(t *testing.T) {
	for _, p := range []client.RetryPolicy{{MaxAttempts: -1}, {BaseDelay: -1}, {MaxDelay: -1}, {MaxElapsed: -1}} {
		if _, err := client.New("https://sps.example.com", client.WithRetry(p)); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}

// Opening and rolling back may be repeated, a change and a commit may not.
func TestRetryInATransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]int{}
		h := wire(func(r *http.Request) (*http.Response, error) {
			step := r.Method + " " + r.URL.Path
			seen[step]++
			switch {
			case seen[step] == 1:
				return status(503)(r)
			case r.Method == http.MethodPost:
				return response(r, 201, "application/json", strings.NewReader("{}")), nil
			}
			return fine(r)
		})
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
		err := c.Transaction(t.Context(), func(ctx context.Context, tx *client.Tx) error {
			if err := tx.Put(ctx, "/api/x", "document"); err == nil {
				t.Error("a change was repeated")
			}
			return tx.Put(ctx, "/api/x", "document")
		})
		if !errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("the error is %v", err)
		}
		want := map[string]int{"POST /api/transaction": 2, "PUT /api/x": 2, "PUT /api/transaction": 1, "DELETE /api/transaction": 2}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}
