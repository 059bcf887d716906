package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/client/internal/cli/app"
	"github.com/spskit/spskit/client/internal/cli/private"
)

// On standard output, too, each run has what is new, and only the first a header.
func TestExportToStandardOutput(t *testing.T) {
	server := hostile(t)
	m := newMachine(t, server)
	args := strings.Fields("sessions export --format csv --fields key,end_time --until 2026-01-01 --checkpoint " + filepath.Join(t.TempDir(), "c.json"))
	first := m.run(t, args...)
	if first.code != 0 || first.err != "" || !strings.HasPrefix(first.out, "key,end_time\n1,") || !strings.Contains(first.out, "\nevil,") {
		t.Errorf("code %d, %s: %s", first.code, first.err, first.out)
	}
	if o := m.run(t, args...); o.code != 0 || o.out != "" || o.err != "" {
		t.Errorf("the second run has code %d, %s: %s", o.code, o.err, o.out)
	}
	if o := m.run(t, append(args, "--reset")...); o.out != first.out {
		t.Errorf("begun again, it has %s", o.out)
	}
}

// The first run decides since when sessions are exported.
func TestExportKeepsSince(t *testing.T) {
	m := newMachine(t, hostile(t))
	checkpoint := filepath.Join(t.TempDir(), "c.json")
	for _, since := range []string{"2017-04-01", "2015-01-01", ""} {
		args := strings.Fields("sessions export --until 2018-01-01 --overlap 5000d --checkpoint " + checkpoint)
		if since != "" {
			args = append(args, "--since", since)
		}
		o := m.run(t, args...)
		if want := map[string]int{"2017-04-01": 2}[since]; o.code != 0 || strings.Count(o.out, "\n") != want {
			t.Errorf("--since %q: code %d, %s; %s, want %d", since, o.code, o.err, o.out, want)
		}
	}
}

func TestExportIsAlone(t *testing.T) {
	m := newMachine(t, hostile(t))
	checkpoint := filepath.Join(t.TempDir(), "c.json")
	err := private.TryLocked(checkpoint, func() error {
		if o := m.run(t, "sessions", "export", "--checkpoint", checkpoint); o.code != 6 || o.out != "" || !strings.Contains(o.err, "another program") {
			t.Errorf("code %d, %s", o.code, o.err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An export that is interrupted says how far it came.
func TestExportInterrupted(t *testing.T) {
	server := hostile(t)
	server.Seed(t, 3000, 1)
	m := newMachine(t, server)
	checkpoint := filepath.Join(t.TempDir(), "c.json")
	args := []string{"sessions", "export", "--fields", "key", "--checkpoint", checkpoint}
	ctx, cancel := context.WithCancel(t.Context())
	var out, words bytes.Buffer
	code := Run(ctx, args, app.System{
		Streams: app.Streams{In: strings.NewReader(""), Out: writerFunc(func(p []byte) (int, error) {
			cancel()
			return out.Write(p)
		}), Err: &words},
		Lookup: func(name string) (string, bool) { v, ok := m.env[name]; return v, ok },
		Now:    time.Now, Location: time.UTC, Keyring: keyringFile(""), Terminal: func(any) bool { return false },
	})
	if code != 130 || words.String() != "spsctl sessions export: interrupted\n" {
		t.Errorf("code %d, %s", code, words.String())
	}
	text, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Exported, Offset int }
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(out.Bytes(), []byte("\n")); c.Exported != n || c.Offset != out.Len() || n == 0 {
		t.Errorf("%d sessions in %d bytes were written, and the checkpoint has %+v", n, out.Len(), c)
	}
	rest := m.run(t, args...)
	if all := m.run(t, args[:4]...); rest.code != 0 || out.String()+rest.out != all.out {
		t.Errorf("code %d, %s; both runs have %d bytes, want %d", rest.code, rest.err, out.Len()+len(rest.out), len(all.out))
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
