package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runData runs a command on a data directory, and returns its exit code and what
// it wrote to standard error. Nothing may go to standard output.
func runData(ctx context.Context, t *testing.T, dir string, args ...string) (code int, words string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(ctx, append(args, "--data", dir), Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	if out.Len() > 0 {
		t.Errorf("standard output: %s", out.String())
	}
	return code, errs.String()
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sessionLine is a line for import with the least that it needs.
func sessionLine(key string, revision int, more string) string {
	return fmt.Sprintf(`{"key":%q,"body":{"active":false,"creation_time":"2020-01-01T00:00:00Z","duration":1,`+
		`"end_time":"2020-01-01T00:00:01Z","origin":"RECORDING","protocol":"SSH","revision":%d,`+
		`"start_time":"2020-01-01T00:00:00Z","verdict":"ACCEPT"}%s}`+"\n", key, revision, more)
}

func TestImport(t *testing.T) {
	data, from := t.TempDir(), t.TempDir()
	one, two, bad := filepath.Join(from, "one.ndjson"), filepath.Join(from, "two.ndjson"), filepath.Join(from, "bad", "bad.ndjson")
	writeFile(t, one, sessionLine("a", 1, `,"trail":"trails/a.zat"`)+"\n"+sessionLine("b", 1, ""))
	writeFile(t, two, sessionLine("b", 2, ""))
	writeFile(t, bad, sessionLine("c", 1, "")+sessionLine("d e", 1, ""))
	writeFile(t, filepath.Join(from, "trails", "a.zat"), "some trail")
	for _, tt := range []struct {
		name, path string
		code       int
		words      string
	}{
		{"a file", one, 0, "stored 2 sessions (skipped 0) and 1 trail files in "},
		{"again", one, 0, "stored 0 sessions (skipped 2) and 0 trail files in "},
		{"a directory", from, 0, "stored 1 sessions (skipped 2) and 0 trail files in "},
		{"a bad line", bad, 1, "spsd: " + bad + `:2: key "d e": `},
		{"nothing of its batch", bad, 1, "spsd: " + bad + ":2: "},
		{"nothing there", filepath.Join(from, "none"), 1, "spsd: import " + filepath.Join(from, "none") + ": "},
		{"no session files", filepath.Join(from, "trails"), 1, "spsd: import " + filepath.Join(from, "trails") + ": "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, words := runData(t.Context(), t, data, "import", tt.path)
			if code != tt.code || !strings.HasPrefix(words, tt.words) {
				t.Errorf("exit code %d, want %d; got\n%swant\n%s", code, tt.code, words, tt.words)
			}
		})
	}
}

func TestImportUsage(t *testing.T) {
	for _, args := range [][]string{{"import"}, {"import", "a", "b"}, {"import", "--frobnicate", "a"}} {
		if code, words := runData(t.Context(), t, t.TempDir(), args...); code != 2 {
			t.Errorf("%q: exit code %d; %s", args, code, words)
		}
	}
}

func TestSeed(t *testing.T) {
	data := t.TempDir()
	for _, tt := range []struct {
		name, args string
		code       int
		words      string
	}{
		{"some", "--sessions 200 --seed 7", 0, "stored 200 sessions (skipped 0) and "},
		{"again", "--sessions 200 --seed 7", 0, "stored 0 sessions (skipped 200) and 0 trail files in "},
		{"another seed", "--sessions 200 --seed 8 --trails 0", 0, "stored 200 sessions (skipped 0) and 0 trail files in "},
		{"none", "--sessions 0", 0, "stored 0 sessions (skipped 0) and 0 trail files in "},
		{"too few", "--sessions -1", 2, "spsd: the number of sessions must "},
		{"too many trails", "--trails 1.5", 2, "spsd: the share of trails must "},
		{"an argument", "200", 2, "spsd: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, words := runData(t.Context(), t, data, append([]string{"seed"}, strings.Fields(tt.args)...)...)
			if code != tt.code || !strings.HasPrefix(words, tt.words) {
				t.Errorf("exit code %d, want %d; got\n%swant\n%s", code, tt.code, words, tt.words)
			}
		})
	}
}

func TestReportOfAnInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var words bytes.Buffer
	err := report(ctx, &words, tally{stored: 2000, trails: 3}, time.Second, fmt.Errorf("seed: %w", ctx.Err()))
	if err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v", err)
	}
	if got, want := words.String(), "stored 2000 sessions (skipped 0) and 3 trail files in 1s, 2000 sessions/s\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
