package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

func openTest(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newTest(t *testing.T) *Store {
	t.Helper()
	return openTest(t, filepath.Join(t.TempDir(), "test.db"))
}

// scalar reads the one value that a query returns.
func scalar[T any](t *testing.T, s *Store, query string, args ...any) T {
	t.Helper()
	var v T
	if err := s.reader.QueryRowContext(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for range 2 {
		s := openTest(t, path)
		if got := scalar[int](t, s, "PRAGMA user_version"); got != newestLayout {
			t.Errorf("layout %d after opening, want %d", got, newestLayout)
		}
		if got := scalar[int](t, s, "SELECT count(*) FROM goose_db_version WHERE version_id > 0"); got != newestLayout {
			t.Errorf("%d migrations recorded, want %d", got, newestLayout)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(path + "?*")
	if err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v %v", left, err)
	}
}

// A start that ended between the migrations and the note in the header goes on.
func TestMigrateAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := openTest(t, path)
	if _, err := s.writer.ExecContext(t.Context(), "PRAGMA user_version = 0"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, path)
}

func TestNewerLayout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := openTest(t, path)
	if _, err := s.writer.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", newestLayout+1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "layout") {
		t.Fatalf("error %v, want one about the layout", err)
	}
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "missing", "x.db"), dir, text} {
		if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one that names %s", err, path)
		}
	}
}

func TestOpenAnyName(t *testing.T) {
	for _, name := range []string{"with space.db", "a?b=c&_pragma=x.db", "100%41#.db", "ä;'\".db"} {
		path := filepath.Join(t.TempDir(), name)
		openTest(t, path)
		for _, file := range []string{path, path + "-wal"} {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", file, info.Mode())
			}
		}
	}
}

func TestEveryConnectionIsSetUp(t *testing.T) {
	s := newTest(t)
	for name, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1", "busy_timeout": "10000"} {
		for range 3 { // held, so that each is another one
			conn, err := s.reader.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %s (%v), want %s", name, got, err, want)
			}
			if _, err := conn.ExecContext(t.Context(), "DELETE FROM users"); err == nil {
				t.Error("a reading connection writes")
			}
		}
		_ = s.reader.Close()
		s = newTest(t)
	}
}

const childPath, childName = "SPSKIT_TEST_DATABASE", "SPSKIT_TEST_NAME"

// TestProcesses opens and fills one new database from several processes at once.
func TestProcesses(t *testing.T) {
	if path := os.Getenv(childPath); path != "" {
		fillAsChild(t, path, os.Getenv(childName))
		return
	}
	path := filepath.Join(t.TempDir(), "test.db")
	const processes, sessions = 4, 50
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestProcesses$")
			cmd.Env = append(os.Environ(), childPath+"="+path, fmt.Sprintf("%s=%d", childName, i))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("process %d: %v\n%s", i, err, out)
			}
		})
	}
	wg.Wait()
	n, err := openTest(t, path).CountSessions(t.Context(), store.Filter{}, 10_000)
	if err != nil || n != processes*sessions {
		t.Errorf("%d sessions (%v), want %d", n, err, processes*sessions)
	}
}

func fillAsChild(t *testing.T, path, name string) {
	t.Helper()
	s := openTest(t, path)
	if err := s.CreateUser(t.Context(), store.User{Name: name}); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if _, err := s.PutSessions(t.Context(), []store.Session{testSession(fmt.Sprint(name, "-", i), time.Unix(1, 0))}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SessionBody(t.Context(), fmt.Sprint(name, "-", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func testSession(key string, start time.Time) store.Session {
	s := store.Session{Key: key, Revision: 1, Start: start, Values: make([]any, len(query.Fields))}
	s.Values[fieldIndex("start_time")] = start
	s.Body = func(store.Links) ([]byte, error) { return []byte("{}"), nil }
	return s
}

// What was stored in the first layout is found by all that later ones search with.
func TestMigrateFromTheFirstLayout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := newPool(dsn(path, busyTimeout, writeCacheKiB, url.Values{}), 1)
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	content := `[{"kind":"command","text":"sudo -i"},{"kind":"title","text":"Control Panel"},{"kind":"screen","text":"access.log"}]`
	for _, statement := range []string{
		`INSERT INTO sessions (id, key, put_revision, start_time, protocol, user_server_username, analytics_tags)
			VALUES (1, 'a', 1, 1, 'SSH', char(31) || 'ro"ot' || char(31) || 'ann' || char(31), char(31, 31))`,
		`INSERT INTO sessions (id, key, put_revision, start_time) VALUES (2, 'b', 1, 2)`,
		`INSERT INTO session_docs (id, key, body) VALUES (1, 'a', x'7b7d'), (2, 'b', x'7b7d')`,
		`INSERT INTO session_details (id, content, words) VALUES (1, CAST('` + content + `' AS BLOB), 'sudo i control panel access log')`,
		`INSERT INTO session_details (id, content, words) VALUES (2, CAST('[]' AS BLOB), 'shutdown')`,
		`INSERT INTO session_text (rowid, words) VALUES (1, 'sudo i control panel access log'), (2, 'shutdown')`,
		`UPDATE session_stats SET total = 2, version = 2`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, path)
	for q, want := range map[string]string{
		`protocol:ssh`: "a", `user.server_username:"ro\"ot"`: "a", `user.server_username:ann`: "a", `analytics.tags:""`: "a",
		`screen.content:(command:sudo)`: "a", `screen.content:(title:"control panel")`: "a", `screen.content:(screen:access.log)`: "a",
		`screen.content:s?do`: "a", `screen.content:(command:shutdown)`: "b", `screen.content:(title:sudo)`: "",
	} {
		expr, err := query.Parse(q, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = s.WalkSessions(t.Context(), store.Page{Filter: store.Filter{Expr: expr}, Limit: 5}, func(key string, _ []byte) error {
			got += key
			return nil
		})
		if err != nil || got != want {
			t.Errorf("%s finds %q (%v), want %q", q, got, err, want)
		}
	}
}
