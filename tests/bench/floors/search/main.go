// Command search is the floor of session search: it runs the SQL that it is
// given on the database file of spsd, with the driver and the cache size of
// spsd, and reads every row of the result, with nothing around it. Statements
// are prepared once.
package main

import (
	"context"
	"database/sql"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/spskit/spskit/tests/bench/floors/ask"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
}

// patience is what one statement may take.
const patience = 5 * time.Minute

func run(args []string) error {
	set := flag.NewFlagSet("search", flag.ExitOnError)
	path := set.String("db", "", "database file of spsd, which is only read")
	if err := set.Parse(args); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+*path+"?mode=ro&_pragma=busy_timeout(10000)&_pragma=cache_size(-2048)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	// One connection: it keeps what the benchmark puts into temporary tables.
	db.SetMaxOpenConns(1)
	f := floor{db: db, prepared: make(map[string]*sql.Stmt)}
	in, out := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	for {
		var q ask.Question
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := f.answer(q)
		if err != nil {
			a.Err = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

type floor struct {
	db       *sql.DB
	prepared map[string]*sql.Stmt
}

func (f *floor) answer(q ask.Question) (a ask.Answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stmt := f.prepared[q.SQL]
	if stmt == nil {
		if stmt, err = f.db.PrepareContext(ctx, q.SQL); err != nil {
			return a, err
		}
		f.prepared[q.SQL] = stmt
	}
	started := time.Now()
	for {
		before := a.Rows
		last, err := read(ctx, stmt, q, &a)
		if err != nil {
			return a, err
		}
		if !q.Walk || a.Rows == before {
			a.Took = time.Since(started)
			return a, nil
		}
		q.Args = append([]any{last}, q.Args[1:]...)
	}
}

// read runs the statement once. It returns the first column of the last row.
func read(ctx context.Context, stmt *sql.Stmt, q ask.Question, a *ask.Answer) (last string, err error) {
	rows, err := stmt.QueryContext(ctx, q.Args...)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	row := make([]sql.RawBytes, len(columns))
	dest := make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return "", err
		}
		a.Rows++
		if q.Walk {
			last = string(row[0])
		}
		if q.Keep {
			values := make([]string, len(row))
			for i, v := range row {
				values[i] = string(v)
			}
			a.Values = append(a.Values, values)
		}
	}
	return last, rows.Err()
}
