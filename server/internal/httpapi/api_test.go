package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/config"
	"github.com/spskit/spskit/server/internal/login"
	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

// bench is an API over real parts, with a user who may do everything.
type bench struct {
	api    *API
	store  *sqlite.Store
	trails *trail.Files
	cookie string
	log    *bytes.Buffer
}

func newBench(t testing.TB) *bench {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	trails, err := trail.OpenDir(filepath.Join(dir, "trails"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trails.Close() })
	b := &bench{store: db, trails: trails, log: &bytes.Buffer{}}
	logins := login.New(db, login.Options{BcryptCost: bcrypt.MinCost})
	profile, err := config.ProfileFor("6.0")
	if err != nil {
		t.Fatal(err)
	}
	b.api, err = New(Options{
		Logins: logins, Configuration: config.New(db, config.TreeFor(60), profile, time.Now),
		Audit: audit.New(db, time.Now), Trails: trails, Appliance: "6.0",
		Log: slog.New(LogHandler(slog.NewTextHandler(b.log, nil))), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	rights := store.Rights{Search: true, ReadConfig: true, EditConfig: true}
	if err := logins.CreateUser(ctx, "bench", "correct horse", rights); err != nil {
		t.Fatal(err)
	}
	token, _, err := logins.Login(ctx, "bench", "correct horse", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	b.cookie = string(token)
	return b
}

// importSession stores one session, with a trail file if trail is not empty.
func (b *bench) importSession(t testing.TB, key, trail string) {
	t.Helper()
	dir := t.TempDir()
	line := `{"key":"` + key + `","body":{"active":false,"creation_time":"2018-09-15T10:53:00Z","duration":60,` +
		`"end_time":"2018-09-15T10:54:00Z","origin":"RECORDING","protocol":"SSH","revision":1,` +
		`"start_time":"2018-09-15T10:53:00Z","verdict":"ACCEPT"}`
	if trail != "" {
		write(t, filepath.Join(dir, "file.zat"), trail)
		line += `,"trail":"file.zat"`
	}
	write(t, filepath.Join(dir, "sessions.ndjson"), line+"}\n")
	importer := audit.Importer{Sessions: b.store, Trails: b.trails, Now: time.Now}
	if _, err := importer.Import(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) request(method, path string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.AddCookie(&http.Cookie{Name: cookieName, Value: b.cookie})
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (b *bench) do(method, path string, headers ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, b.request(method, path, headers...))
	return w
}

// wantProblem asserts an error in the documented envelope.
func wantProblem(t *testing.T, w *httptest.ResponseRecorder, want errorType) {
	t.Helper()
	var got errorDocument
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, w.Body)
	}
	if got.Error.Type != want || w.Code != errorTable[want].status {
		t.Fatalf("answered %d %s, want %s", w.Code, w.Body, want)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type is %q", ct)
	}
}

func TestPanicIsAnsweredInTheEnvelope(t *testing.T) {
	b := newBench(t)
	broken := b.api.front(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret text") }))
	w := httptest.NewRecorder()
	broken.ServeHTTP(w, b.request("GET", "/api"))
	wantProblem(t, w, internalError)
	if strings.Contains(w.Body.String(), "secret text") {
		t.Errorf("the answer shows the panic: %s", w.Body)
	}
	id := w.Header().Get("X-Request-Id")
	if !strings.Contains(w.Body.String(), id) || !strings.Contains(b.log.String(), "request_id="+id) || !strings.Contains(b.log.String(), "secret text") {
		t.Errorf("request id %q does not lead from the answer to the log:\n%s", id, b.log)
	}
}

func TestPanicAfterTheAnswerBeganBreaksTheConnection(t *testing.T) {
	b := newBench(t)
	broken := httptest.NewServer(b.api.front(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write([]byte("the first half"))
		_ = http.NewResponseController(w).Flush()
		panic("disk died")
	})))
	defer broken.Close()
	resp, err := http.Get(broken.URL + "/api")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil || string(body) != "the first half" {
		t.Errorf("read %q, %v; want the first half and a broken connection", body, err)
	}
}

func TestErrorAfterTheAnswerBeganAppendsNothing(t *testing.T) {
	b := newBench(t)
	broken := httptest.NewServer(b.api.front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("abc"))
		_ = http.NewResponseController(w).Flush()
		b.api.fail(w, r, io.ErrUnexpectedEOF)
	})))
	defer broken.Close()
	resp, err := http.Get(broken.URL + "/api")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err == nil || string(body) != "abc" {
		t.Errorf("read %q, %v; want abc and a broken connection", body, err)
	}
}

func TestNormalisePath(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		refused  bool
	}{
		{in: "/api", want: "/api"},
		{in: "/api/", want: "/api"},
		{in: "//api///transaction//", want: "/api/transaction"},
		{in: "/api/a%2Fb/", want: "/api/a%2Fb"},
		{in: "/", want: "/"},
		{in: "//", want: "/"},
		{in: "/api/.hidden", want: "/api/.hidden"},
		{in: "/api/../etc", refused: true},
		{in: "/api/./info", refused: true},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://host"+tt.in, nil)
		r.URL.Host, r.URL.Scheme = "", ""
		if ok := normalisePath(r.URL); ok == tt.refused {
			t.Errorf("%s: ok is %v", tt.in, ok)
		} else if ok && r.URL.EscapedPath() != tt.want {
			t.Errorf("%s became %s, want %s", tt.in, r.URL.EscapedPath(), tt.want)
		}
	}
}
