package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client"
	"github.com/spskit/spskit/client/internal/cli/export"
	"github.com/spskit/spskit/server/servertest"
)

// bench is an export of the keys of sessions into a file.
type bench struct {
	server  *servertest.Server
	sps     *client.Client
	dir     string
	overlap time.Duration

	write  func(n int) error                    // called before the n-th session is written; may be nil
	refuse func(r *http.Request) *http.Response // answers in place of the server; may be nil
}

var definition = export.Definition{URL: "https://sps.example.com", Format: "keys"}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{server: servertest.Start(t), dir: t.TempDir(), overlap: time.Hour}
	sps, err := client.New(b.server.URL, client.WithCAFile(b.server.CAFile), client.WithPassword(servertest.Username, servertest.Password),
		client.WithRoundTripper(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if b.refuse != nil {
					if answer := b.refuse(r); answer != nil {
						return answer, nil
					}
				}
				return next.RoundTrip(r)
			})
		}))
	if err != nil {
		t.Fatal(err)
	}
	b.sps = sps
	return b
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (b *bench) file() string       { return filepath.Join(b.dir, "keys") }
func (b *bench) checkpoint() string { return filepath.Join(b.dir, "checkpoint.json") }

// run does one run, as the command does.
func (b *bench) run(ctx context.Context, t *testing.T) error {
	t.Helper()
	c, err := export.Load(b.checkpoint(), definition)
	if err != nil {
		return err
	}
	if c == nil {
		c = export.New(definition, time.Time{})
	}
	target, err := export.ToFile(b.file(), c.Offset)
	if err != nil {
		return err
	}
	defer func() { _ = target.Close() }()
	n := 0
	e := &export.Export{
		Client: b.sps, Fields: []string{"end_time"}, Overlap: b.overlap, Checkpoint: c, Path: b.checkpoint(), Target: target,
		Write: func(s client.Session) error {
			n++
			if b.write != nil {
				if err := b.write(n); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintln(target, s.Key)
			return err
		},
	}
	return e.Run(ctx)
}

// written are the keys in the file.
func (b *bench) written(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(b.file())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// check compares the file with what the server has.
func (b *bench) check(t *testing.T) {
	t.Helper()
	var want []string
	for s, err := range b.sps.Sessions(t.Context(), client.SessionQuery{Q: client.Raw("end_time:[* TO now]"), KeysOnly: true}) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, s.Key)
	}
	got := b.written(t)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d sessions are in the file, %d of them once; the server has %d", len(got), len(slices.Compact(slices.Clone(got))), len(want))
	}
}

// add stores sessions that ended at some time.
func (b *bench) add(t *testing.T, end time.Time, keys ...string) {
	t.Helper()
	var lines bytes.Buffer
	e := json.NewEncoder(&lines)
	for _, key := range keys {
		begin := end.Add(-time.Minute).Format(time.RFC3339Nano)
		host := map[string]any{"ip": "192.0.2.1", "name": "host", "port": 1}
		if err := e.Encode(map[string]any{"key": key, "body": map[string]any{
			"active": false, "client": host, "server": host, "creation_time": begin, "start_time": begin,
			"end_time": end.Format(time.RFC3339Nano), "duration": 60, "hidden": false, "node_id": "n", "origin": "RECORDING",
			"phantom": false, "protocol": "SSH", "revision": 1, "user": map[string]any{"name": "joe"}, "verdict": "ACCEPT",
		}}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "more.ndjson")
	if err := os.WriteFile(path, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b.server.Import(t, path)
}

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return all
}

var noon = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)

func (b *bench) mustRun(t *testing.T) {
	t.Helper()
	if err := b.run(t.Context(), t); err != nil {
		t.Fatal(err)
	}
}

// A run exports what is new, and nothing else.
func TestRuns(t *testing.T) {
	b := newBench(t)
	b.server.Seed(t, 1300, 1)
	b.mustRun(t)
	b.check(t)
	before := b.written(t)

	// What a run that was killed has written behind its checkpoint is cut off.
	f, err := os.OpenFile(b.file(), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = io.WriteString(f, "half a lin")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	b.mustRun(t)
	if after := b.written(t); !slices.Equal(after, before) {
		t.Errorf("nothing has ended, and there are %d sessions more", len(after)-len(before))
	}

	b.add(t, noon, "new-1")
	b.add(t, noon.Add(time.Microsecond), "new-2")
	b.mustRun(t)
	if added := b.written(t)[len(before):]; len(added) != 2 || added[0] != "new-1" || added[1] != "new-2" {
		t.Errorf("the new sessions are %q", added)
	}
	b.check(t)
}

// However a run ends, the next one goes on, and each session is there once.
func TestInterruptedRuns(t *testing.T) {
	b := newBench(t)
	b.server.Seed(t, 3400, 1)
	full := errors.New("disk full")
	ctx, cancel := context.WithCancel(t.Context())
	for _, tt := range []struct {
		at   int
		do   func() error
		want error
		left int // sessions that are sure to be in the file
	}{
		{300, func() error { return full }, full, 0},
		{1700, func() error { return full }, full, 1000},
		{700, func() error { cancel(); return nil }, context.Canceled, 1700},
	} {
		b.write = func(n int) error {
			if n == tt.at {
				return tt.do()
			}
			return nil
		}
		if err := b.run(ctx, t); !errors.Is(err, tt.want) {
			t.Fatalf("error %v, want %v", err, tt.want)
		}
		c, err := export.Load(b.checkpoint(), definition)
		if err != nil {
			t.Fatal(err)
		}
		var sure int64
		if c != nil {
			sure = c.Exported
		}
		if sure < int64(tt.left) {
			t.Errorf("the checkpoint has %d sessions, want %d", sure, tt.left)
		}
	}
	b.write = nil
	b.mustRun(t)
	b.check(t)
}

// A snapshot that expires in the middle is followed by another.
func TestExpiredSnapshot(t *testing.T) {
	b := newBench(t)
	b.server.Seed(t, 2600, 1)
	opened := 0
	b.refuse = func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/_snapshot") {
			opened++
		}
		return nil
	}
	b.write = func(n int) error {
		if n == 800 {
			b.server.Clock.Advance(6 * time.Minute)
		}
		return nil
	}
	b.mustRun(t)
	b.check(t)
	if opened != 2 {
		t.Errorf("%d snapshots were opened", opened)
	}
}

// A snapshot may be some minutes old. What has ended since is exported nevertheless.
func TestOldSnapshot(t *testing.T) {
	b := newBench(t)
	b.server.Seed(t, 600, 1)
	for _, err := range b.sps.Sessions(t.Context(), client.SessionQuery{Snapshot: true}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	b.add(t, noon, "new")
	b.mustRun(t)
	b.check(t)
}

// Without snapshots sessions are read as they are, also when more than a page of them
// ended in the same moment, and when others come and go in between.
func TestWithoutSnapshots(t *testing.T) {
	for name, status := range map[string]int{"NotFound": 404, "TooManyRequests": 429} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.server.Seed(t, 1200, 1)
			b.add(t, noon, names("same", 1300)...)
			b.add(t, noon.Add(time.Second), names("later", 700)...)
			b.refuse = func(r *http.Request) *http.Response {
				if !strings.HasSuffix(r.URL.Path, "/_snapshot") {
					return nil
				}
				body := fmt.Sprintf(`{"error":{"type":%q,"message":"No."},"meta":{}}`, name)
				return &http.Response{
					StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
					Body: io.NopCloser(strings.NewReader(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
				}
			}
			b.write = func(n int) error {
				if n == 900 { // earlier than what is being read
					b.add(t, noon.Add(-30*24*time.Hour), names("early", 3)...)
				}
				return nil
			}
			b.mustRun(t)
			if got := b.written(t); len(got) != len(slices.Compact(slices.Sorted(slices.Values(got)))) || len(got) < 3200 {
				t.Errorf("%d sessions", len(got))
			}
		})
	}
}

// Sessions that appear after others that ended later are exported if they are in the
// overlap, and an overlap that has become longer repeats nothing.
func TestLateSessions(t *testing.T) {
	b := newBench(t)
	b.add(t, noon.Add(-3*time.Hour), "a")
	b.add(t, noon, "b")
	b.mustRun(t)
	b.add(t, noon.Add(-59*time.Minute), "late")
	b.add(t, noon.Add(-61*time.Minute), "too-late")
	b.mustRun(t)
	b.overlap = 24 * time.Hour
	b.mustRun(t)
	b.add(t, noon.Add(25*time.Hour), "c")
	b.mustRun(t)
	b.add(t, noon.Add(2*time.Hour), "late-again")
	b.mustRun(t)
	if got, want := b.written(t), []string{"a", "b", "late", "c", "late-again"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A session that ends in the future doesn't take those along that end before.
func TestFutureSessions(t *testing.T) {
	b := newBench(t)
	b.add(t, noon, "a")
	b.add(t, time.Now().Add(48*time.Hour), "future")
	b.mustRun(t)
	b.add(t, noon.Add(2*time.Hour), "b")
	b.mustRun(t)
	if got, want := b.written(t), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	b.server.Clock.Advance(49 * time.Hour)
	b.mustRun(t)
	b.check(t)
}

// The checkpoint stays small however many sessions were exported.
func TestCheckpointForgets(t *testing.T) {
	b := newBench(t)
	b.overlap = 0
	b.server.Seed(t, 1500, 1)
	b.mustRun(t)
	info, err := os.Stat(b.checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 1000 || info.Mode().Perm() != 0o600 {
		t.Errorf("it has %d bytes and mode %v", info.Size(), info.Mode())
	}
	b.mustRun(t)
	b.check(t)
}
