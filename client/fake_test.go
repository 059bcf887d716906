package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/spskit/spskit/client"
)

const (
	user     = "jane"
	password = "s3cret-passphrase"
)

// fake is an appliance as bad as a test wants it. It checks passwords and cookies by
// itself; everything else is answered by the handlers that the test adds.
type fake struct {
	*httptest.Server
	*http.ServeMux

	mu     sync.Mutex
	logins int
	valid  map[string]bool // tokens
	seen   []*http.Request
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{ServeMux: http.NewServeMux(), valid: map[string]bool{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.HandleFunc("GET /api/authentication", func(w http.ResponseWriter, r *http.Request) {
		if u, p, _ := r.BasicAuth(); u != user || p != password {
			fail(w, http.StatusUnauthorized, "AuthenticationFailure", "{}")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "ticket", Value: "SOMETHINGELSE"})
		http.SetCookie(w, &http.Cookie{Name: "session_id", Value: f.newToken(), Path: "/", HttpOnly: true, Secure: true})
		answer(w, `{"meta":{"href":"/api/authentication"}}`)
	})
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.seen = append(f.seen, r.Clone(r.Context()))
	cookie, err := r.Cookie("session_id")
	ok := err == nil && f.valid[cookie.Value]
	f.mu.Unlock()
	login := r.Method == http.MethodGet && r.URL.Path == "/api/authentication"
	if !ok && !login {
		fail(w, http.StatusUnauthorized, "Unauthenticated", fmt.Sprintf(`{"path":%q}`, r.URL.Path))
		return
	}
	f.ServeHTTP(w, r)
}

func (f *fake) newToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logins++
	token := fmt.Sprintf("%040x", f.logins)
	f.valid[token] = true
	return token
}

// expire ends all logins.
func (f *fake) expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.valid)
}

func (f *fake) loginCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logins
}

// requests lists what came, as "METHOD path", and forgets it.
func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, r := range f.seen {
		list = append(list, r.Method+" "+r.URL.Path)
	}
	f.seen = nil
	return list
}

func (f *fake) last() *http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[len(f.seen)-1]
}

// on answers a pattern such as "GET /api/info" with a document.
func (f *fake) on(pattern, document string) {
	f.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { answer(w, document) })
}

// client makes a client of the fake, which sends requests once unless opts say otherwise.
func (f *fake) client(t *testing.T, opts ...client.Option) *client.Client {
	t.Helper()
	return newClient(t, f.URL, append([]client.Option{client.WithPassword(user, password), client.WithoutRetry()}, opts...)...)
}

func newClient(t *testing.T, url string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(w http.ResponseWriter, document string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Allow", "GET")
	w.Header().Set("Content-Language", "en")
	_, _ = io.WriteString(w, document)
}

func fail(w http.ResponseWriter, status int, errorType, details string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"type":%q,"message":"told by the fake","details":%s},"meta":{"href":"/api"}}`, errorType, details)
}

// inTransaction calls fn in a transaction that opens, and commits or is rolled back.
func (f *fake) inTransaction(t *testing.T, fn func(context.Context, *client.Tx) error) {
	t.Helper()
	f.HandleFunc("POST /api/transaction", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	f.on("PUT /api/transaction", `{}`)
	if err := f.client(t).Transaction(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}
