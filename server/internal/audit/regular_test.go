//go:build unix

package audit

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Named pipes that nobody writes to are refused, not waited for.
func TestImportRefusesNamedPipes(t *testing.T) {
	const name = "pipe\x1b[2J.zat"
	line := `{"key":"a","body":` + guideSession + `,"trail":"pipe\u001b[2J.zat"}` + "\n"
	for _, tt := range []struct{ name, pipe, want string }{
		{"trail", name, `trail "pipe\x1b[2J.zat": not a regular file`},
		{"lines", "b.ndjson", "b.ndjson: not a regular file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mkfifo(filepath.Join(dir, tt.pipe), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "a.ndjson"), []byte(line), 0o600); err != nil {
				t.Fatal(err)
			}
			importer := &Importer{Sessions: newStore(t), Now: func() time.Time { return testNow }}
			done, err := importer.Import(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("imported %+v, %q; want %q", done, err, tt.want)
			}
		})
	}
}

func TestComposeLetsGoOfLists(t *testing.T) {
	d := guideDocument(t, "a", time.Time{})
	d.Channels, d.Content = []map[string]any{{"type": "x"}}, []Content{{Text: "x"}}
	if _, err := d.Compose(); err != nil {
		t.Fatal(err)
	}
	if d.Channels != nil || d.Content != nil {
		t.Errorf("still holds %v and %v", d.Channels, d.Content)
	}
}
