package cli

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/spskit/spskit/client/internal/cli/output"
)

const (
	hostilePassword = "a-password-to-steal"
	hostileToken    = "a-token-to-steal"
)

// attacked is a machine whose appliance logs in whoever asks, and answers everything
// else with attack. What a command prints must hold no secret and steer no terminal,
// and it must leave no file but those that the test names.
type attacked struct {
	*machine
	dir string
	url string
}

func attack(t *testing.T, answer http.HandlerFunc) *attacked {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/authentication" {
			http.SetCookie(w, &http.Cookie{Name: "session_id", Value: hostileToken, Path: "/", Secure: true, HttpOnly: true})
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"meta":{"href":"/api/authentication"}}`)
			return
		}
		answer(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that go away are what is tested
	s.StartTLS()
	t.Cleanup(s.Close)
	return against(t, s)
}

func against(t *testing.T, s *httptest.Server) *attacked {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	return &attacked{&machine{env: map[string]string{
		"HOME": t.TempDir(), "SPSCTL_URL": s.URL, "SPSCTL_CA_FILE": ca,
		"SPSCTL_LOGIN_USER": "joe", "SPSCTL_PASSWORD": hostilePassword,
	}}, dir, s.URL}
}

// fails runs a command line that has to end with a code and with these words.
func (a *attacked) fails(t *testing.T, code int, command string, words ...string) {
	t.Helper()
	o := a.run(t, strings.Fields(command)...)
	if o.code != code {
		t.Errorf("%s: code %d, want %d", command, o.code, code)
	}
	for _, w := range words {
		if !strings.Contains(o.err, w) {
			t.Errorf("%s: nothing says %q", command, w)
		}
	}
	a.clean(t, o)
	if t.Failed() {
		t.Logf("output %q\nwords:\n%s", o.out, o.err)
	}
}

func (a *attacked) clean(t *testing.T, o outcome) {
	t.Helper()
	for _, secret := range []string{hostilePassword, hostileToken, "am9lOm", "session_id="} {
		if strings.Contains(o.out+o.err, secret) {
			t.Errorf("there is a secret, %q, in the output", secret)
		}
	}
	for _, r := range o.err {
		if r != '\n' && output.Clean(string(r)) != string(r) {
			t.Errorf("%q reaches the terminal", r)
		}
	}
	found, err := filepath.Glob(filepath.Join(a.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if !strings.HasSuffix(path, ".part") && !strings.HasSuffix(path, ".part.json") {
			t.Errorf("the file %s is left", path)
		}
	}
}

func document(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// endless goes on until the client leaves.
func endless(media, begin, more string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", media)
		_, err := io.WriteString(w, begin)
		for piece := strings.Repeat(more, 1<<10); err == nil && r.Context().Err() == nil; {
			_, err = io.WriteString(w, piece)
		}
	}
}

func TestHostileEndlessBody(t *testing.T) {
	a := attack(t, endless("application/json", `{"key":"`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
	a.fails(t, 8, "sessions show 1", "Try: check that the URL is that of an appliance")
	a = attack(t, endless("text/html", "<html>", "<p>and so on</p>"))
	a.fails(t, 8, "sessions show 1", "Try: check that the URL is that of an appliance")
}

func TestHostileHTML(t *testing.T) {
	page := "<html><title>Please log in to the \x1b[31mproxy</title></html>"
	a := attack(t, document(page))
	for _, command := range []string{"sessions show 1", "sessions list", "sessions list --all", "whoami", "trail download 1", "trail follow 1 -O followed"} {
		a.fails(t, 8, command, "Try: check that the URL is that of an appliance, and not of something in between")
	}
	a = attack(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, page)
	})
	for _, command := range []string{"sessions show 1", "trail download 1", "trail follow 1 -O followed"} {
		a.fails(t, 8, command, ": 502 Bad Gateway", "Try: ")
	}
}

func TestHostileRedirect(t *testing.T) {
	var reached atomic.Int32
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer elsewhere.Close()
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	const try = "Try: give the URL of the appliance itself with --url"
	a := attack(t, redirect)
	for _, command := range []string{"sessions show 1", "trail download 1", "trail follow 1 -O followed"} {
		a.fails(t, 8, command, "redirects to another place", try)
	}
	all := httptest.NewTLSServer(http.HandlerFunc(redirect)) // the login, too
	defer all.Close()
	against(t, all).fails(t, 8, "login", "redirects to another place", try)
	if reached.Load() > 0 {
		t.Error("the other host was asked")
	}
}

// TestHostileFailures: what may pass is tried again, and a failure of the server itself
// is told at once.
func TestHostileFailures(t *testing.T) {
	for _, tt := range []struct {
		status int
		kind   string
		tries  int32
	}{{503, "ServiceUnavailable", 4}, {500, "InternalServerError", 1}} {
		var asked atomic.Int32
		a := attack(t, func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, `{"error":{"type":"`+tt.kind+`","message":"\u001b]0;owned\u0007 it broke"}}`)
		})
		for _, command := range []string{"sessions show 1", "trail download 1", "trail follow 1 -O followed"} {
			asked.Store(0)
			a.fails(t, 8, command, fmt.Sprintf(": %d ", tt.status), "it broke", "Try: ")
			if n := asked.Load(); n != tt.tries {
				t.Errorf("%s: %d was tried %d times, want %d", command, tt.status, n, tt.tries)
			}
		}
	}
}

// drip sends the beginning of an answer, and then nothing.
func drip(begin string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, begin)
		w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's is one
		<-r.Context().Done()
	}
}

func TestHostileSlowness(t *testing.T) {
	a := attack(t, drip(`{"key":`))
	a.fails(t, 8, "sessions show 1 --timeout 500ms", "deadline exceeded", "Try: give it more time with --timeout")
	a = attack(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for _, command := range []string{"trail download 1 --timeout 500ms", "trail follow 1 -O followed --timeout 500ms"} {
		a.fails(t, 8, command, "no answer within 500ms", "Try: give it more time with --timeout")
	}
}

// trailOf serves a trail with a length and an ETag that need not be right.
func trailOf(body string, length int, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(length))
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		_, _ = io.WriteString(w, body)
	}
}

func TestHostileLength(t *testing.T) {
	a := attack(t, trailOf("only so much", 1000, ""))
	a.fails(t, 8, "trail download 1", "after 12 bytes: unexpected EOF", "Try: run the command again")
	a.fails(t, 8, "trail download 1 -O out.zat", "after 12 bytes: unexpected EOF")
	o := a.run(t, "trail", "download", "1", "-O", "-")
	if o.code != 8 || o.out != "only so much" {
		t.Errorf("to standard output: code %d, %q", o.code, o.out)
	}
	a = attack(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"key":"1"`)
	})
	a.fails(t, 8, "sessions show 1", "unexpected EOF", "Try: ")
}

// TestHostileChange serves another version of the trail to each request, and breaks all
// of them off.
func TestHostileChange(t *testing.T) {
	var version atomic.Int32
	a := attack(t, func(w http.ResponseWriter, r *http.Request) {
		trailOf("part", 1000, fmt.Sprintf(`"%d"`, version.Add(1)))(w, r)
	})
	a.fails(t, 8, "trail download 1", "the trail has changed meanwhile", "Try: run the command again")
	o := a.run(t, "trail", "download", "1", "-O", "-")
	if o.code != 8 || o.out != "part" || !strings.Contains(o.err, "the trail has changed meanwhile") {
		t.Errorf("to standard output: code %d, %q, %s", o.code, o.out, o.err)
	}
}

// TestHostileNames: neither what the server calls a file nor what it calls a session
// says where a file goes.
func TestHostileNames(t *testing.T) {
	const key = "../../evil\x1b[2J"
	a := attack(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/audit/sessions" {
			document(`{"items":[{"key":"../../evil\u001b[2J","meta":{"href":"/x"}}],"meta":{"match_count":1,"limit":500,"offset":0}}`)(w, r)
			return
		}
		w.Header().Set("Content-Disposition", `attachment; filename="../../../../etc/\x1b[2Jpasswd"`)
		trailOf("bytes", 5, "")(w, r)
	})
	o := a.run(t, "trail", "download", "--user", "x", "--dir", "in")
	if o.code != 0 || !strings.Contains(o.out, filepath.Join("in", "%2E.%2F..%2Fevil%1B%5B2J.zat")) || strings.Contains(o.out+o.err, "\x1b") {
		t.Errorf("code %d\n%s%s", o.code, o.out, o.err)
	}
	o = a.run(t, "trail", "download", "1", "--dir", "in")
	if o.code != 0 || !strings.Contains(o.out, filepath.Join("in", "1.zat")) || strings.Contains(o.out, "passwd") {
		t.Errorf("code %d\n%s%s", o.code, o.out, o.err)
	}
	files, err := os.ReadDir("in")
	if err != nil || len(files) != 2 {
		t.Errorf("there are the files %v, %v", files, err)
	}
	if _, err := os.Stat(filepath.Join(a.dir, "..", "..", "evil")); err == nil {
		t.Error("a file is outside of the directory")
	}
	if err := os.RemoveAll("in"); err != nil {
		t.Fatal(err)
	}
	m := attack(t, func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) })
	o = m.run(t, "trail", "download", key)
	if o.code == 0 {
		t.Error("there was nothing, and it is no failure")
	}
	m.clean(t, o)
}

// TestHostileUser: the terminal is a matter of TestNothingReachesTheTerminal; here the
// name is in an error and in a notice.
func TestHostileUser(t *testing.T) {
	a := attack(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"error":{"type":"ConfigurationLocked","message":"Locked.","details":{"holder":"eve\u001b[2J\u202e"}}}`)
	})
	a.fails(t, 6, "sessions show 1", `held by eve\x1b[2J\u202e`)
}

func TestHostileCertificate(t *testing.T) {
	a := attack(t, document(`{}`))
	a.env["SPSCTL_URL"] = strings.Replace(a.url, "127.0.0.1", "localhost", 1) // which the certificate doesn't name
	for _, command := range []string{"login", "trail download 1"} {
		a.fails(t, 8, command, "certificate is valid for", "not localhost", "--fingerprint ")
	}
}

// TestHostileCookie: a server's cookies are the login and nothing else, wherever they
// claim to belong and whatever is in them.
func TestHostileCookie(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		sent = append(sent, r.Header.Values("Cookie")...)
		mu.Unlock()
		w.Header().Add("Set-Cookie", "other=planted; Path=/")
		if r.URL.Path == "/api/authentication" {
			w.Header().Add("Set-Cookie", "session_id="+hostileToken+"; Domain=example.com; Path=/")
			document(`{}`)(w, r)
			return
		}
		w.Header().Add("Set-Cookie", "session_id=another; Path=/")
		document(`{"key":"1","body":{}}`)(w, r)
	}))
	defer s.Close()
	a := against(t, s)
	for range 2 {
		if o := a.run(t, "sessions", "show", "1"); o.code != 0 {
			t.Errorf("code %d: %s", o.code, o.err)
		}
	}
	for _, cookie := range sent {
		if cookie != "session_id="+hostileToken {
			t.Errorf("the cookie %q was sent", cookie)
		}
	}
	if len(sent) != 2 {
		t.Errorf("%d requests had a login", len(sent))
	}
	for name, value := range map[string]string{"blanks": "a b; c=d", "a line end": "a\\r\\nX: y", "a quote": `a"b`, "nothing": ""} {
		bad := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Set-Cookie", "session_id="+value)
			document(`{}`)(w, r)
		}))
		o := against(t, bad).run(t, "login")
		if o.code != 0 && o.code != 8 || strings.Contains(o.err, "c=d") {
			t.Errorf("%s: code %d: %s", name, o.code, o.err)
		}
		bad.Close()
	}
}
