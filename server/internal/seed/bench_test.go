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

const (
	benchSessions = 50_000
	benchBatch    = 2000
)

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

// BenchmarkBatches makes sessions on several processors.
func BenchmarkBatches(b *testing.B) {
	g := mustNew(b, 1, benchSessions, 0)
	made := 0
	for b.Loop() {
		for batch := range g.Batches(b.Context(), benchBatch) {
			made += len(batch.Sessions)
		}
	}
	b.ReportMetric(float64(made)/b.Elapsed().Seconds(), "sessions/s")
}

// BenchmarkFill makes and stores sessions.
func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		sessions, trails, _ := openData(b)
		if _, err := mustNew(b, 1, benchSessions, 0.01).Fill(b.Context(), sessions, trails, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchSessions*b.N)/b.Elapsed().Seconds(), "sessions/s")
}

// BenchmarkStore stores sessions that are there.
func BenchmarkStore(b *testing.B) {
	made, _ := all(b, mustNew(b, 1, benchSessions, 0), benchBatch)
	for b.Loop() {
		sessions, _, _ := openData(b)
		for from := 0; from < len(made); from += benchBatch {
			if _, err := sessions.PutSessions(b.Context(), made[from:min(from+benchBatch, len(made))]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(benchSessions*b.N)/b.Elapsed().Seconds(), "sessions/s")
}

// BenchmarkFloor is the hand-written insert of the same rows into the same
// tables: the rows lie ready, in the form that the driver takes.
func BenchmarkFloor(b *testing.B) {
	rows := floorRows(b)
	for b.Loop() {
		_, _, path := openData(b)
		insertFloor(b, path, rows)
	}
	b.ReportMetric(float64(benchSessions*b.N)/b.Elapsed().Seconds(), "sessions/s")
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

// floorRow is what a session inserts into each table.
type floorRow struct{ session, vault, doc, details, text []any }

func floorRows(b *testing.B) []floorRow {
	b.Helper()
	made, _ := all(b, mustNew(b, 1, benchSessions, 0), benchBatch)
	rows := make([]floorRow, len(made))
	for i := range made {
		s := &made[i]
		id := s.Start.UnixMilli()<<20 | int64(i)&(1<<20-1)
		r := floorRow{
			session: []any{id, s.Key, s.Revision}, doc: []any{id, s.Key, body(b, s, store.Links{})},
			details: []any{id, s.Channels, s.Alerts, s.Events, s.Indexing, s.Content, s.Text}, text: []any{id, s.Text},
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

func insertFloor(b *testing.B, path string, rows []floorRow) {
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
	for from := 0; from < len(rows); from += benchBatch {
		if err := insertFloorBatch(b.Context(), db, rows[from:min(from+benchBatch, len(rows))]); err != nil {
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
		"session_details (id, channels, alerts, events, indexing, content, words)",
		"session_text (rowid, words)",
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
			case values == nil, j == 4 && values[1] == "":
			default:
				if _, err := inserts[j].ExecContext(ctx, values...); err != nil {
					return err
				}
			}
		}
	}
	return dbtx.Commit()
}
