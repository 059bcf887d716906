package main

import (
	"context"
	"database/sql"
	"flag"
	"net/http"
	"os"
	"strconv"
	"sync"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/spskit/spskit/tests/bench/floors/serve"
)

// page serves the newest 500 sessions with their stored bodies, in the envelope
// of the API.
func page(args []string) error {
	set := flag.NewFlagSet("page", flag.ExitOnError)
	var flags serve.Flags
	flags.Register(set)
	path := set.String("db", "", "database file of spsd, which is only read")
	metaFile := set.String("meta", "", "file with the page's meta, which is sent as it is")
	if err := set.Parse(args); err != nil {
		return err
	}
	meta, err := os.ReadFile(*metaFile)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+*path+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	newest, err := db.PrepareContext(context.Background(), `SELECT key, body FROM session_docs ORDER BY id DESC LIMIT 500`)
	if err != nil {
		return err
	}
	defer func() { _ = newest.Close() }()
	return flags.Serve(&pages{newest: newest, meta: meta})
}

// readers is the size of the pool, which is that of spsd.
const readers = 8

type pages struct {
	newest  *sql.Stmt
	meta    []byte
	buffers sync.Pool // of *[]byte
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buffer, ok := p.buffers.Get().(*[]byte)
	if !ok {
		buffer = new([]byte)
	}
	defer p.buffers.Put(buffer)
	b, err := p.appendPage(r.Context(), (*buffer)[:0])
	*buffer = b
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the client went away
}

func (p *pages) appendPage(ctx context.Context, b []byte) ([]byte, error) {
	rows, err := p.newest.QueryContext(ctx)
	if err != nil {
		return b, err
	}
	defer func() { _ = rows.Close() }()
	b = append(b, `{"items":[`...)
	begun := len(b)
	var key, body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&key, &body); err != nil {
			return b, err
		}
		if len(b) > begun {
			b = append(b, ',')
		}
		b = append(b, `{"key":"`...)
		b = append(b, key...)
		b = append(b, `","meta":{"href":"/api/audit/sessions/`...)
		b = append(b, key...)
		b = append(b, `"},"body":`...)
		b = append(b, body...)
		b = append(b, '}')
	}
	if err := rows.Err(); err != nil {
		return b, err
	}
	b = append(b, `],"meta":`...)
	b = append(b, p.meta...)
	return append(b, '}'), nil
}
