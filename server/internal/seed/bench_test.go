package seed

import (
	"context"
	"database/sql" //nolint:depguard // the floor that Fill is measured against
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/internal/trail"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

const benchSessions = 20_000

// BenchmarkMake makes sessions on one processor.
func BenchmarkMake(b *testing.B) {
	m := newMaker(mustNew(b, 1, benchSessions, 0))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.make(i % benchSessions)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
}

// BenchmarkFill makes and stores sessions, and beside it inserts the same rows
// into the same tables by hand. It does both in turn, because the ratio is what
// counts.
func BenchmarkFill(b *testing.B) {
	g := mustNew(b, 1, benchSessions, 0.01)
	rows := floorRows(b, g)
	var filling, inserting time.Duration
	for b.Loop() {
		sessions, trails, _ := openData(b)
		_, _, path := openData(b)
		started := time.Now()
		if _, err := g.Fill(b.Context(), sessions, trails, nil); err != nil {
			b.Fatal(err)
		}
		filling += time.Since(started)
		started = time.Now()
		insertFloor(b, path, rows, g.batch)
		inserting += time.Since(started)
	}
	b.ReportMetric(float64(benchSessions*b.N)/filling.Seconds(), "sessions/s")
	b.ReportMetric(float64(benchSessions*b.N)/inserting.Seconds(), "floor-sessions/s")
	b.ReportMetric(inserting.Seconds()/filling.Seconds(), "of-the-floor")
}

func openData(tb testing.TB) (*sqlite.Store, *trail.Files, string) {
	tb.Helper()
	dir := tb.TempDir()
	path := filepath.Join(dir, "spsd.db")
	sessions, err := sqlite.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	trails, err := trail.OpenDir(filepath.Join(dir, "trails"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := sessions.Close(); err != nil {
			tb.Error(err)
		}
		if err := trails.Close(); err != nil {
			tb.Error(err)
		}
	})
	return sessions, trails, path
}

// floorRow is what a session inserts into each table, in the form that the
// driver takes.
type floorRow struct{ session, vault, doc, details, text []any }

func floorRows(b *testing.B, g *Generator) []floorRow {
	b.Helper()
	made, _ := all(b, g, g.batch)
	rows := make([]floorRow, len(made))
	for i := range made {
		s := &made[i]
		id := s.Start.UnixMilli()<<20 | int64(i)&(1<<20-1)
		r := floorRow{
			session: []any{id, s.Key, s.Revision}, doc: []any{id, s.Key, body(b, s, store.Links{})},
			details: []any{id, s.Channels, s.Alerts, s.Events, s.Indexing, s.Content, s.Text.Screen, s.Text.Command, s.Text.Title},
			text:    []any{id, s.Text.Screen, s.Text.Command, s.Text.Title},
		}
		if s.Channels == nil && s.Indexing == nil {
			r.details = nil
		}
		vault := []any{id}
		for j, v := range s.Values {
			switch x := v.(type) {
			case time.Time:
				v = x.UnixMicro()
			case netip.Addr:
				raw := x.As16()
				v = raw[:]
			case []string:
				v = "\x1f" + strings.Join(x, "\x1f") + "\x1f"
			}
			if query.Fields[j].InVault() {
				vault = append(vault, v)
			} else {
				r.session = append(r.session, v)
			}
		}
		if vault[1] != nil {
			r.vault = vault
		}
		rows[i] = r
	}
	return rows
}

func insertFloor(b *testing.B, path string, rows []floorRow, batch int) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}()
	for from := 0; from < len(rows); from += batch {
		if err := insertFloorBatch(b.Context(), db, rows[from:min(from+batch, len(rows))]); err != nil {
			b.Fatal(err)
		}
	}
}

func insertFloorBatch(ctx context.Context, db *sql.DB, rows []floorRow) error {
	dbtx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer dbtx.Rollback()
	var session, vault []string
	for i := range query.Fields {
		if column := query.Fields[i].Column(); query.Fields[i].InVault() {
			vault = append(vault, column)
		} else {
			session = append(session, column)
		}
	}
	var inserts [5]*sql.Stmt
	for i, into := range []string{
		"sessions (id, key, put_revision, " + strings.Join(session, ", ") + ")",
		"session_vault (id, " + strings.Join(vault, ", ") + ")",
		"session_docs (id, key, body)",
		"session_details (id, channels, alerts, events, indexing, content, screen_words, command_words, title_words)",
		"session_text (rowid, screen, command, title)",
	} {
		marks := strings.Repeat(", ?", strings.Count(into, ",")+1)[2:]
		inserts[i], err = dbtx.PrepareContext(ctx, "INSERT INTO "+into+" VALUES ("+marks+")") //nolint:sqlclosecheck // dbtx does
		if err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx) // or the driver starts a goroutine for each statement
	for i := range rows {
		r := &rows[i]
		for j, values := range [5][]any{r.session, r.vault, r.doc, r.details, r.text} {
			switch {
			case values == nil, j == 4 && values[1] == "" && values[2] == "" && values[3] == "":
			default:
				if _, err := inserts[j].ExecContext(ctx, values...); err != nil {
					return err
				}
			}
		}
	}
	return dbtx.Commit()
}
