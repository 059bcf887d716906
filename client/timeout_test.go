package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
)

// wire answers requests without a network, so that a test can have its own time. It
// logs everybody in.
func wire(respond func(*http.Request) (*http.Response, error)) *http.Client {
	return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/api/authentication" {
			resp := response(r, 200, "application/json", strings.NewReader("{}"))
			resp.Header.Set("Set-Cookie", "session_id=1")
			return resp, nil
		}
		return respond(r)
	})}
}

func response(r *http.Request, status int, contentType string, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: status, Request: r, ContentLength: -1,
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(body),
	}
}

// never answers.
func never(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// drip begins to answer and goes no further.
type drip struct {
	status      int
	contentType string
}

func (d drip) respond(r *http.Request) (*http.Response, error) {
	body, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, `{"error":`)
		<-r.Context().Done()
		w.CloseWithError(r.Context().Err())
	}()
	return response(r, d.status, d.contentType, body), nil
}

func TestTimeouts(t *testing.T) {
	info := func(ctx context.Context, c *client.Client) error {
		_, err := c.Info(ctx)
		return err
	}
	trail := func(ctx context.Context, c *client.Client) error {
		trail, _, err := c.FollowTrail(ctx, "1")
		if err == nil {
			defer trail.Close()
			_, err = io.Copy(io.Discard, trail)
		}
		return err
	}
	for _, tt := range []struct {
		name    string
		respond func(*http.Request) (*http.Response, error)
		opts    []client.Option
		call    func(context.Context, *client.Client) error
		after   time.Duration
	}{
		{"default", never, nil, info, client.DefaultTimeout},
		{"option", never, []client.Option{client.WithTimeout(5 * time.Second)}, info, 5 * time.Second},
		{"within an answer", drip{200, "application/json"}.respond, nil, info, client.DefaultTimeout},
		{"within an error", drip{500, "application/json"}.respond, nil, info, client.DefaultTimeout},
		{"trail", never, nil, trail, client.DefaultTimeout},
		{"error for a trail", drip{500, "application/json"}.respond, nil, trail, client.DefaultTimeout},
		{"none, so the context's", never, []client.Option{client.WithTimeout(0)}, info, time.Hour},
		{"none, so the context's, for a trail", never, []client.Option{client.WithTimeout(0)}, trail, time.Hour},
		{"a trail's stream has but the context's", drip{200, "application/octet-stream"}.respond, nil, trail, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, "http://sps.example.com", append(tt.opts, client.WithHTTPClient(wire(tt.respond)), client.WithPassword(user, password))...)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				began := time.Now()
				if err := tt.call(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the error is %v", err)
				}
				if took := time.Since(began); took != tt.after {
					t.Errorf("it took %v, want %v", took, tt.after)
				}
			})
		})
	}
}

func TestTimeoutOfTheHTTPClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := wire(never)
		h.Timeout = 7 * time.Second
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password))
		began := time.Now()
		if _, err := c.Info(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != h.Timeout {
			t.Errorf("after %v the error is %v", time.Since(began), err)
		}
	})
}

// streams are the calls whose timeout ends with the beginning of the answer.
var streams = map[string]func(context.Context, *client.Client) error{
	"raw": func(ctx context.Context, c *client.Client) error {
		resp, err := c.Raw(ctx, "GET", "/api/x", nil)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return client.CheckResponse(resp)
	},
	"followed trail": func(ctx context.Context, c *client.Client) error {
		trail, _, err := c.FollowTrail(ctx, "1")
		if err == nil {
			_ = trail.Close()
		}
		return err
	},
	"trail": func(ctx context.Context, c *client.Client) error {
		_, _, err := c.DownloadTrail(ctx, "1", io.Discard, client.TrailOptions{})
		return err
	},
}

// Nobody waits for what cannot come within the timeout, or loses an answer over it.
func TestTimeoutIsKnownBeforeItPasses(t *testing.T) {
	for name, call := range streams {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: answers{status(503, "Retry-After", "10")}}
				c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithTimeout(2*time.Second))
				began := time.Now()
				err := call(t.Context(), c)
				var answered *client.Error
				if !errors.As(err, &answered) || answered.Status != 503 || time.Since(began) > 0 {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: answers{status(400)}}
				c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithTimeout(2*time.Second), client.WithRateLimit(0.1, 1))
				_ = call(t.Context(), c)
				began := time.Now()
				if err := call(t.Context(), c); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 0 || len(s.at) != 1 {
					t.Errorf("limited, after %v: %v", time.Since(began), err)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: answers{status(503, "Retry-After", "10"), status(400)}}
				c := newClient(t, "http://sps.example.com", client.WithHTTPClient(wire(s.respond)), client.WithTimeout(0))
				_ = call(t.Context(), c)
				if len(s.at) != 2 {
					t.Errorf("without a timeout: %d requests", len(s.at))
				}
			})
		})
	}
}

// A login that nobody waits for any more ends all the same, even without a timeout.
func TestTimeoutOfTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &http.Client{Transport: roundTripper(never)}
		c := newClient(t, "http://sps.example.com", client.WithHTTPClient(h), client.WithPassword(user, password), client.WithTimeout(0))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Login(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		<-time.After(client.DefaultTimeout) // the bubble fails the test if the login goes on
	})
}

// A session may be followed for hours, with nothing to see for most of them.
func TestTrailOutlastsTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "http://sps.example.com", client.WithPassword(user, password),
			client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
				body, w := io.Pipe()
				go func() {
					for range 3 {
						<-time.After(time.Hour)
						_, _ = io.WriteString(w, "part")
					}
					_ = w.Close()
				}()
				return response(r, 200, "application/octet-stream", body), nil
			})))
		trail, _, err := c.FollowTrail(t.Context(), "1")
		if err != nil {
			t.Fatal(err)
		}
		defer trail.Close()
		if n, err := io.Copy(io.Discard, trail); err != nil || n != 12 {
			t.Errorf("got %d bytes, %v", n, err)
		}
	})
}
