package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
	"github.com/spskit/spskit/server/store/sqlite"
)

// The benchmarks that have a floor run a loop over the same file that does
// nothing but the one job, with SQL written by hand.

const benchSessions = 20_000

var benchStart = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// benchSession makes a session of about the size and the filling of a real one:
// some 45 values, 1.6 KB of body, ten commands.
func benchSession(i int) store.Session {
	rnd := rand.New(rand.NewPCG(uint64(i), 1))
	start := benchStart.Add(time.Duration(i)*time.Minute + time.Duration(rnd.IntN(60_000))*time.Millisecond)
	user, server := fmt.Sprintf("user%04d", rnd.IntN(2000)), rnd.IntN(5000)
	end := start.Add(time.Duration(rnd.IntN(3600)) * time.Second)
	v := map[string]any{
		"active": false, "analytics.scripted": rnd.IntN(20) == 0, "analytics.score.aggregated": int64(rnd.IntN(101)),
		"analytics.score.time": end, "client.ip": netip.AddrFrom4([4]byte{10, 1, byte(rnd.IntN(256)), byte(rnd.IntN(256))}),
		"client.name": fmt.Sprintf("ws-%04d.corp.example", rnd.IntN(3000)), "client.port": int64(1024 + rnd.IntN(60000)),
		"creation_time": start, "duration": int64(end.Sub(start) / time.Second), "end_time": end, "hidden": false,
		"node_id": "6fed7872-065e-41d2-9cfa-ba75e8cad901", "origin": "RECORDING", "phantom": false,
		"protocol":  []string{"SSH", "RDP", "TELNET", "VNC", "ICA", "HTTP", "MSSQL"}[min(rnd.IntN(7), rnd.IntN(7))],
		"revision":  int64(1),
		"server.ip": netip.AddrFrom4([4]byte{10, 2, byte(server >> 8), byte(server)}), "server.name": fmt.Sprintf("db%04d.corp.example", server),
		"server.port": int64(22), "start_time": start, "user.id": user, "user.name": user, "user.server_username": []string{"root"},
		"verdict":            []string{"ACCEPT", "DENY", "AUTH_FAIL"}[min(rnd.IntN(3), rnd.IntN(3))],
		"recording.archived": rnd.IntN(2) == 0, "recording.auth_method": []string{"password", "publickey", "keyboard-interactive"}[rnd.IntN(3)],
		"recording.channel_policy": fmt.Sprintf("policy-%d", rnd.IntN(12)), "recording.command_extracted": true,
		"recording.connection_policy":    fmt.Sprintf("connection-%03d", rnd.IntN(200)),
		"recording.connection_policy_id": fmt.Sprintf("%023x", rnd.Uint64()), "recording.content_reference_id": int64(i),
		"recording.has_accepted_channel": true, "recording.index_status": []string{"INDEXED", "NOT_INDEXED"}[rnd.IntN(2)],
		"recording.server_local.ip": netip.AddrFrom4([4]byte{10, 0, 0, 1}), "recording.server_local.name": "sps.corp.example",
		"recording.server_local.port": int64(rnd.IntN(60000)), "recording.session_id": fmt.Sprintf("svc/%016x/ssh:%d", rnd.Uint64(), i),
		"recording.target.ip": netip.AddrFrom4([4]byte{10, 2, byte(server >> 8), byte(server)}), "recording.target.name": fmt.Sprintf("db%04d.corp.example", server),
		"recording.target.port": int64(22), "recording.verdict": "ACCEPT", "recording.window_title_extracted": false,
		"user.gateway_username": user, "user.name_domain": "corp.example", "analytics.bucketed_duration": "short",
	}
	s := store.Session{Key: fmt.Sprintf("svc-%016x-%d", rnd.Uint64(), i), Revision: 1, Start: start, Values: make([]any, len(query.Fields))}
	for j := range query.Fields {
		s.Values[j] = v[query.Fields[j].Path]
	}
	body := []byte(fmt.Sprintf(`{"key":%q,"user":%q,"filling":"%s"}`, s.Key, user, strings.Repeat(fmt.Sprintf("%08x ", rnd.Uint32()), 172)))
	s.Body = func(store.Links) ([]byte, error) { return body, nil }
	s.Channels = []byte(`[{"body":{"type":"session shell","verdict":"accept","start_time":1451901988,"end_time":1451902145,"duration":157},"key":"1"}]`)
	words := make([]string, 20)
	for j := range words {
		words[j] = fmt.Sprintf("word%d", rnd.IntN(min(1+rnd.IntN(3000), 1+rnd.IntN(3000))))
	}
	s.Text.Command = strings.Join(words, " ")
	s.Content = []byte(`[{"channel_id":"0","kind":"command","record_id":1,"text":"` + s.Text.Command + `","time":"2024-01-01T00:00:00Z"}]`)
	return s
}

func benchBatch(from, n int) []store.Session {
	batch := make([]store.Session, n)
	for i := range batch {
		batch[i] = benchSession(from + i)
	}
	return batch
}

func benchStore(b *testing.B, sessions int) (s *sqlite.Store, path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "bench.db")
	s, err := sqlite.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	for i := 0; i < sessions; i += 1000 {
		if _, err := s.PutSessions(b.Context(), benchBatch(i, 1000)); err != nil {
			b.Fatal(err)
		}
	}
	return s, path
}

func BenchmarkOpen(b *testing.B) {
	_, path := benchStore(b, 0)
	for b.Loop() {
		s, err := sqlite.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = s.Close()
		b.StartTimer()
	}
}

func BenchmarkPutSessions(b *testing.B) {
	const size = 1000
	b.Run("store", func(b *testing.B) {
		s, _ := benchStore(b, 0)
		benchBatches(b, size, func(batch []store.Session) error {
			_, err := s.PutSessions(b.Context(), batch)
			return err
		})
	})
	b.Run("floor", func(b *testing.B) {
		_, path := benchStore(b, 0)
		db := floorDB(b, path)
		benchBatches(b, size, func(batch []store.Session) error { return floorInsert(b.Context(), db, batch) })
	})
}

// benchBatches times write alone; the sessions are made outside of it.
func benchBatches(b *testing.B, size int, write func([]store.Session) error) {
	b.Helper()
	next := 0
	for b.Loop() {
		b.StopTimer()
		batch := benchBatch(next, size)
		next += size
		b.StartTimer()
		if err := write(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "sessions/s")
}

// floorInsert fills the same tables without looking: no key is there yet, no two
// sessions want the same id, and none has a trail or vault data.
func floorInsert(ctx context.Context, db *sql.DB, batch []store.Session) error {
	dbtx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = dbtx.Rollback() }()
	columns, marks := "id, key, put_revision", "?, ?, ?"
	for i := range query.Fields {
		if f := &query.Fields[i]; !f.InVault() {
			columns, marks = columns+", "+f.Column(), marks+", ?"
		}
	}
	var stmts [4]*sql.Stmt
	for i, text := range []string{
		`INSERT INTO sessions (` + columns + `) VALUES (` + marks + `)`,
		`INSERT INTO session_docs (id, key, body) VALUES (?, ?, ?)`,
		`INSERT INTO session_details (id, channels, content, command_words) VALUES (?, ?, ?, ?)`,
		`INSERT INTO session_text (rowid, command) VALUES (?, ?)`,
	} {
		if stmts[i], err = dbtx.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // dbtx does
			return err
		}
	}
	args := make([]any, 0, len(query.Fields)+3)
	ctx = context.WithoutCancel(ctx)
	for i := range batch {
		s := &batch[i]
		id := s.Start.UnixMilli() << 20
		args = append(args[:0], id, s.Key, s.Revision)
		for j := range query.Fields {
			if f := &query.Fields[j]; !f.InVault() {
				args = append(args, floorValue(s.Values[j]))
			}
		}
		body, _ := s.Body(store.Links{})
		for j, args := range [][]any{args, {id, s.Key, body}, {id, s.Channels, s.Content, s.Text.Command}, {id, s.Text.Command}} {
			if _, err := stmts[j].ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	if _, err := dbtx.ExecContext(ctx, `UPDATE session_stats SET total = total + ?`, len(batch)); err != nil {
		return err
	}
	return dbtx.Commit()
}

func floorValue(v any) any {
	switch x := v.(type) {
	case time.Time:
		return x.UnixMicro()
	case netip.Addr:
		b := x.As16()
		return b[:]
	case []string:
		return strings.Join(x, " ")
	}
	return v
}

func BenchmarkSessionBody(b *testing.B) {
	s, path := benchStore(b, benchSessions)
	keys := make([]string, benchSessions)
	for i := range keys {
		keys[i] = benchSession(i).Key
	}
	ctx, cancel := context.WithCancel(b.Context()) // like a request's
	defer cancel()
	b.Run("store", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := s.SessionBody(ctx, keys[i*7919%benchSessions]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		db := floorDB(b, path)
		stmt, err := db.PrepareContext(ctx, `SELECT body FROM session_docs WHERE id = (SELECT id FROM sessions WHERE key = ?)`)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = stmt.Close() }()
		var body []byte
		for i := 0; b.Loop(); i++ {
			if err := stmt.QueryRowContext(ctx, keys[i*7919%benchSessions]).Scan(&body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPage(b *testing.B) {
	s, path := benchStore(b, benchSessions)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	for name, p := range map[string]store.Page{
		"first":    {},
		"deep":     {Offset: 10_000},
		"filtered": {Filter: store.Filter{StartFrom: benchStart.Add(time.Hour), EndTo: benchStart.Add(100 * 24 * time.Hour)}},
		"sorted":   {Sort: []store.Order{{Field: query.FieldAt("user.name")}}},
		"not":      {Filter: store.Filter{Expr: query.Not{Expr: query.Equal{Field: query.FieldAt("user.name"), Value: "user0001"}}}},
		"protocol": {Filter: store.Filter{Expr: query.Equal{Field: query.FieldAt("protocol"), Value: "ssh"}}},
		"content":  {Filter: store.Filter{Expr: query.Words{Words: []string{"word1"}}}},
		"scanned":  {Sort: []store.Order{{Field: query.FieldAt("client.port")}}},
	} {
		p.Limit, p.Bodies = 500, true
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				err := s.WalkSessions(ctx, p, func(_ string, body []byte) error {
					n++
					_, err := io.Discard.Write(body)
					return err
				})
				if err != nil || n != 500 {
					b.Fatal(n, err)
				}
			}
		})
	}
	b.Run("floor", func(b *testing.B) {
		db := floorDB(b, path)
		for b.Loop() {
			if err := floorPage(ctx, db); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func floorPage(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT key, body FROM session_docs ORDER BY id DESC LIMIT 500`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var key string
	var body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&key, &body); err != nil {
			return err
		}
		_, _ = io.Discard.Write(body)
	}
	return rows.Err()
}

func BenchmarkCount(b *testing.B) {
	s, _ := benchStore(b, benchSessions)
	for name, f := range map[string]store.Filter{
		"all": {}, "start": {StartFrom: benchStart}, "end": {EndTo: benchStart.Add(100 * 24 * time.Hour)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.CountSessions(b.Context(), f, 10_000); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func floorDB(b *testing.B, path string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(NORMAL)&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}
