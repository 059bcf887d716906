package seed

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/store"
)

// guide.ndjson holds the sample sessions of the guides, active.ndjson the one of
// them that is still going on, and more.ndjson made-up ones to go with them.
//
//go:embed demo/*.ndjson
var demoFiles embed.FS

// downloadedKey is the sample session whose trail was downloaded once. It is not
// the one that the guides print, because that has no link to its downloads.
const downloadedKey = "7930f4308efe8aecd710202d815b76ff"

// DemoStore is what FillWithDemo needs of the store.
type DemoStore interface {
	CountSessions(ctx context.Context, f store.Filter, limit int) (int, error)
	AddDownload(ctx context.Context, key string, d store.Download, rewrite func(body []byte) ([]byte, error)) error
}

// FillWithDemo imports the demo sessions unless there are sessions already. They
// go through dir, a new and empty directory, in the form of an import.
func FillWithDemo(ctx context.Context, sessions DemoStore, importer *audit.Importer, dir string, now time.Time) error {
	switch n, err := sessions.CountSessions(ctx, store.Filter{}, 1); {
	case err != nil:
		return err
	case n > 0:
		return nil
	}
	if err := WriteDemo(dir, now); err != nil {
		return fmt.Errorf("write the demo sessions: %w", err)
	}
	if _, err := importer.Import(ctx, dir); err != nil {
		return err
	}
	return sessions.AddDownload(ctx, downloadedKey, store.Download{
		Time: time.Date(2018, time.November, 20, 11, 10, 19, 0, time.UTC), User: "admin", Address: "10.20.30.40",
	}, addDownloadsLink)
}

// WriteDemo writes the demo sessions and their trail files for import. The
// active one has begun just now.
func WriteDemo(dir string, now time.Time) error {
	entries, err := demoFiles.ReadDir("demo")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		lines, err := demoFiles.ReadFile("demo/" + entry.Name())
		if err != nil {
			return err
		}
		lines = startDemoAt(lines, now)
		if err := os.WriteFile(filepath.Join(dir, entry.Name()), lines, 0o600); err != nil {
			return err
		}
		for line := range bytes.Lines(lines) {
			if err := writeDemoTrail(dir, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// startDemoAt fills in when the active session of the demo has begun.
func startDemoAt(lines []byte, now time.Time) []byte {
	now = now.UTC()
	lines = bytes.ReplaceAll(lines, []byte("@start@"), []byte(now.Format("2006-01-02T15:04:05.000Z")))
	return bytes.ReplaceAll(lines, []byte(`"@start_unix@"`), strconv.AppendInt(nil, now.Unix(), 10))
}

// writeDemoTrail writes the trail file that a line names, if it names one.
func writeDemoTrail(dir string, line []byte) error {
	var session struct{ Key, Trail string }
	if err := json.Unmarshal(line, &session); err != nil || session.Trail == "" {
		return err
	}
	path := filepath.Join(dir, filepath.FromSlash(session.Trail))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(session.Key)) // never fails
	d := newDice()
	d.throw(h.Sum64(), 0)
	return os.WriteFile(path, appendTrail(nil, d, session.Key, d.between(16<<10, 64<<10)), 0o600)
}

// addDownloadsLink adds the link to a session's downloads to its body.
func addDownloadsLink(body []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	var channels struct{ Href string }
	if err := json.Unmarshal(members["channels"], &channels); err != nil {
		return nil, err
	}
	session, ok := bytes.CutSuffix([]byte(channels.Href), []byte("/channels"))
	if !ok {
		return nil, errors.New("the body has no link to its channels")
	}
	members["trail_downloads"] = []byte(`{"href":"` + string(session) + `/trail_downloads"}`)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(members); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
