package blackbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spskit/spskit/tests/contract"
)

const adminPassword = "black box"

var (
	buildFlags []string
	binary     string
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "spsd")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "spsd")
	build := exec.Command("go", append(append([]string{"build"}, buildFlags...), "-o", binary, "github.com/spskit/spskit/server/cmd/spsd")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build spsd: %v\n%s", err, out)
		os.Exit(1)
	}
	// With the race detector a hash of the usual cost takes seconds.
	if err := os.Setenv("SPSD_BCRYPT_COST", "4"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// daemon is a running spsd.
type daemon struct {
	t      testing.TB
	URL    string
	CAFile string
	Data   string
	ready  string // the ready file
	cmd    *exec.Cmd
	out    *lockedBuffer // standard output
	log    *lockedBuffer // standard error
	waited chan struct{}
}

// start runs "spsd serve" on dir ("" for a new one) and waits until it answers.
func start(t testing.TB, dir string, args ...string) *daemon {
	t.Helper()
	return startWith(t, dir, []string{"SPSD_ADMIN_PASSWORD=" + adminPassword}, args...)
}

// startWith is start with an environment of the test's own.
func startWith(t testing.TB, dir string, env []string, args ...string) *daemon {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	ready := filepath.Join(t.TempDir(), "ready.json")
	args = append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--ready-file", ready}, args...)
	d := &daemon{t: t, Data: dir, ready: ready, out: &lockedBuffer{}, log: &lockedBuffer{}, waited: make(chan struct{})}
	d.cmd = exec.Command(binary, args...)
	d.cmd.Env = append(os.Environ(), env...)
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.log
	if err := d.cmd.Start(); err != nil {
		t.Fatalf("start spsd: %v", err)
	}
	go func() {
		_ = d.cmd.Wait()
		close(d.waited)
	}()
	t.Cleanup(func() {
		d.kill()
		if strings.Contains(d.log.String(), "DATA RACE") || t.Failed() {
			t.Logf("log of spsd:\n%s", d.log.String())
		}
		if strings.Contains(d.log.String(), "DATA RACE") {
			t.Error("spsd has a data race")
		}
	})
	var info struct{ URL, CA string }
	d.eventually("the ready file", func() bool {
		select {
		case <-d.waited:
			t.Fatalf("spsd ended early:\n%s", d.log.String())
		default:
		}
		raw, err := os.ReadFile(ready)
		return err == nil && json.Unmarshal(raw, &info) == nil
	})
	d.URL, d.CAFile = info.URL, info.CA
	return d
}

// eventually polls until done says so; the bound only ends a hopeless test.
func (d *daemon) eventually(what string, done func() bool) {
	d.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	hopeless := time.After(time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-hopeless:
			d.t.Fatalf("waited in vain for %s; log of spsd:\n%s", what, d.log.String())
		}
	}
}

func (d *daemon) kill() {
	_ = d.cmd.Process.Kill()
	<-d.waited
}

// stop ends spsd as an operator does, and returns its exit code.
func (d *daemon) stop() int {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	<-d.waited
	return d.cmd.ProcessState.ExitCode()
}

// transport trusts the daemon's certificate, and checks every exchange against
// the contract.
func (d *daemon) transport() http.RoundTripper { return contract.Transport(d.t, d.rawTransport()) }

func (d *daemon) rawTransport() *http.Transport {
	tr := &http.Transport{DisableCompression: true}
	if d.CAFile != "" {
		pem, err := os.ReadFile(d.CAFile)
		if err != nil {
			d.t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		tr.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	d.t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// caller sends raw requests, with or without a login.
type caller struct {
	d          *daemon
	http       *http.Client
	cookie     string
	deliberate bool // its requests break the contract on purpose
}

// loose is the same caller for requests that break the contract on purpose.
func (c *caller) loose() *caller {
	broken := *c
	broken.deliberate = true
	return &broken
}

func (d *daemon) anonymous() *caller {
	return &caller{d: d, http: &http.Client{Transport: d.transport()}}
}

// login returns a caller with a fresh login of its own.
func (d *daemon) login(user, password string) *caller {
	d.t.Helper()
	c := d.anonymous()
	answer := c.do("GET", "/api/authentication", "", "Authorization", basic(user, password))
	answer.wantStatus(http.StatusOK)
	for _, cookie := range (&http.Response{Header: answer.Header}).Cookies() {
		if cookie.Name == "session_id" {
			c.cookie = cookie.Value
			return c
		}
	}
	d.t.Fatal("the login set no cookie")
	return nil
}

func (d *daemon) admin() *caller { d.t.Helper(); return d.login("admin", adminPassword) }

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// answer is a whole response.
type answer struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Body   []byte
}

// do sends one request. headers are name, value pairs.
func (c *caller) do(method, path, body string, headers ...string) *answer {
	c.d.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	ctx := context.Background()
	if c.deliberate {
		ctx = contract.Deliberate(ctx)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.d.URL+path, reader)
	if err != nil {
		c.d.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "session_id", Value: c.cookie})
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.d.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.d.t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return &answer{t: c.d.t, what: method + " " + path, Status: resp.StatusCode, Header: resp.Header, Body: raw}
}

// open begins to read an answer that may have no end. The caller closes its body.
func (c *caller) open(path string) *http.Response {
	c.d.t.Helper()
	return c.openWith(context.Background(), path)
}

func (c *caller) openWith(ctx context.Context, path string) *http.Response {
	c.d.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.d.URL+path, nil)
	if err != nil {
		c.d.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "session_id", Value: c.cookie})
	resp, err := c.http.Do(req)
	if err != nil {
		c.d.t.Fatalf("GET %s: %v", path, err)
	}
	return resp
}

// plainGet reads what is not part of the API.
func plainGet(t testing.TB, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %s, %v", url, resp.Status, err)
	}
	return string(body)
}

func (c *caller) get(path string) *answer { c.d.t.Helper(); return c.do("GET", path, "") }

func (a *answer) wantStatus(status int) *answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s answered %d, want %d: %s", a.what, a.Status, status, a.Body)
	}
	return a
}

// wantError asserts an error of the API's envelope and returns its details.
func (a *answer) wantError(status int, errorType string) map[string]any {
	a.t.Helper()
	a.wantStatus(status)
	if ct := a.Header.Get("Content-Type"); ct != "application/json" {
		a.t.Errorf("%s: Content-Type is %q", a.what, ct)
	}
	var envelope struct {
		Error struct {
			Type, Message string
			Details       map[string]any
		}
	}
	a.decode(&envelope)
	if envelope.Error.Type != errorType || envelope.Error.Message == "" {
		a.t.Fatalf("%s answered %s, want %s", a.what, a.Body, errorType)
	}
	return envelope.Error.Details
}

func (a *answer) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, into); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.Body)
	}
}

// at returns the value at a path of member names, or nil.
func (a *answer) at(path ...string) any {
	a.t.Helper()
	var value any
	a.decode(&value)
	for _, name := range path {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

// run runs another spsd command on the data directory.
func (d *daemon) run(stdin string, args ...string) (stdout, stderr string, code int) {
	d.t.Helper()
	return run(d.t, stdin, append(args, "--data", d.Data)...)
}

func run(t testing.TB, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("run spsd: %v", err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
