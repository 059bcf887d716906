package client_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spskit/spskit/client"
)

// A roll-back never overtakes the write that it is to undo: the answer is awaited when
// the caller gives up, but not for ever.
func TestWritesOfATransactionAreNotOvertaken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		takes  time.Duration // what the server takes for opening
		within time.Duration // what the call may take
	}{
		{"in time", 3 * time.Second, 3 * time.Second},
		{"too late", time.Hour, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, giveUp := context.WithCancel(t.Context())
				var seen []string
				c := newClient(t, "http://sps.example.com", client.WithPassword(user, password), client.WithoutRetry(),
					client.WithHTTPClient(wire(func(r *http.Request) (*http.Response, error) {
						if r.Method == http.MethodPost {
							giveUp()
							select {
							case <-time.After(tt.takes):
							case <-r.Context().Done():
								return nil, r.Context().Err()
							}
							seen = append(seen, "opened")
							return response(r, 201, "application/json", strings.NewReader(`{"body":{"status":"open"}}`)), nil
						}
						seen = append(seen, r.Method+" "+r.URL.Path)
						return response(r, 200, "application/json", strings.NewReader(`{"changes":[],"meta":{}}`)), nil
					})))
				began := time.Now()
				err := c.Transaction(ctx, func(ctx context.Context, _ *client.Tx) error { return ctx.Err() })
				if err == nil {
					t.Error("no error")
				}
				if took := time.Since(began); took != tt.within {
					t.Errorf("it took %s", took)
				}
				got := strings.Join(seen, ", ")
				want := "opened, DELETE /api/transaction"
				if tt.takes > tt.within {
					want = "GET /api/transaction/changes, DELETE /api/transaction"
				}
				if got != want {
					t.Errorf("the server saw %s, want %s", got, want)
				}
			})
		})
	}
}
