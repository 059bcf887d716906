package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/server/servertest"
)

// TestNoTransactionStaysOpen: wherever a change is interrupted while the appliance does
// it, or its connection is lost, another login can open a transaction right away.
func TestNoTransactionStaysOpen(t *testing.T) {
	server := servertest.Start(t)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, drop := range map[string]bool{"interrupted": false, "lost": true} {
		t.Run(name, func(t *testing.T) {
			for at := int64(1); ; at++ {
				if at > 50 {
					t.Fatal("it never ends")
				}
				ctx, cancel := context.WithCancel(t.Context())
				var requests atomic.Int64
				var commits atomic.Bool // the interrupted request is the commit
				through := httputil.NewSingleHostReverseProxy(target)
				through.ErrorLog = log.New(io.Discard, "", 0) // what it interrupts is no surprise
				through.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
				proxy := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if requests.Add(1) == at {
						if drop {
							panic(http.ErrAbortHandler)
						}
						// The appliance gets it after the roll-back, unless the command waits for the answer.
						cancel()
						commits.Store(r.Method == http.MethodPut && r.URL.Path == "/api/transaction")
						r = r.WithContext(context.WithoutCancel(r.Context()))
					}
					through.ServeHTTP(w, r)
				}))
				m := newMachine(t, server)
				m.env["SPSCTL_URL"], m.env["SPSCTL_INSECURE"] = proxy.URL, "true"
				delete(m.env, "SPSCTL_CA_FILE")
				var out, words bytes.Buffer
				level := "service.log_level=" + string('1'+byte(at%6))
				code := Run(ctx, []string{"config", "set", "vnc/options", level, "audit.timestamping.signing_interval=" + strings.Repeat("1", 2+int(at%2))}, app.System{
					Streams: app.Streams{In: strings.NewReader(""), Out: &out, Err: &words},
					Lookup:  func(name string) (string, bool) { v, ok := m.env[name]; return v, ok },
					Now:     time.Now, Location: time.UTC, Keyring: keyringFile(""), Terminal: func(any) bool { return false }, Interrupts: &app.Interrupts{},
				})
				cancel()
				proxy.Close()
				other := newMachine(t, server)
				for _, verb := range []string{"open", "rollback"} {
					if o := other.run(t, "transaction", verb); o.code != 0 {
						t.Fatalf("request %d, code %d: %s: another login can't %s: %s", at, code, words.String(), verb, o.err)
					}
				}
				if requests.Load() < at {
					if code != 0 {
						t.Errorf("undisturbed: code %d: %s", code, words.String())
					}
					return
				}
				if done := code == 0 && commits.Load(); !drop && code != 130 && !done {
					t.Errorf("request %d: code %d: %s", at, code, words.String())
				}
			}
		})
	}
}
