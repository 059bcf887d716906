package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// table is one of those that hold sessions: what to read of those whose ids lie
// between two, and where to put it.
type table struct {
	read, insert string
	rows         [][]any
}

// newTables lists the tables in the order in which spsd fills them for a
// session. The text is fed from where spsd keeps it, as the index has none.
func newTables() []*table {
	const between = ` WHERE id >= ? AND id < ? ORDER BY id`
	return []*table{
		{read: `SELECT * FROM sessions` + between, insert: `INSERT INTO sessions VALUES `},
		{read: `SELECT * FROM session_docs` + between, insert: `INSERT INTO session_docs VALUES `},
		{read: `SELECT * FROM session_details` + between, insert: `INSERT INTO session_details VALUES `},
		{
			read: `SELECT id, screen_words, command_words, title_words FROM session_details
				WHERE (screen_words <> '' OR command_words <> '' OR title_words <> '') AND id >= ? AND id < ? ORDER BY id`,
			insert: `INSERT INTO session_text (rowid, screen, command, title) VALUES `,
		},
		// All words come with the first sessions: spsd meets most of them there.
		{
			read:   `SELECT word FROM session_words WHERE ?1 = (SELECT min(id) FROM sessions) AND ?2 > ?1`,
			insert: `INSERT INTO session_words (word) VALUES `,
		},
		{read: `SELECT field, value, id FROM session_lists` + between, insert: `INSERT INTO session_lists VALUES `},
		{read: `SELECT * FROM session_vault` + between, insert: `INSERT INTO session_vault VALUES `},
		{
			read:   `SELECT t.* FROM sessions s JOIN trails t ON t.key = s.key WHERE s.id >= ? AND s.id < ? ORDER BY s.id`,
			insert: `INSERT INTO trails VALUES `,
		},
	}
}

// filled is what the benchmark is told: how long the inserting alone took.
type filled struct {
	Sessions int     `json:"sessions"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu"`
}

// fill copies the sessions of one database into another that has the same
// tables. Only the inserting is timed: the rows of a batch are in memory before.
func fill(args []string) (err error) {
	set := flag.NewFlagSet("fill", flag.ExitOnError)
	from := set.String("from", "", "database file to read")
	to := set.String("to", "", "database file to fill, which has tables but no sessions")
	batch := set.Int("batch", 2000, "sessions a transaction")
	if err := set.Parse(args); err != nil {
		return err
	}
	ctx := context.Background()
	source, err := sql.Open("sqlite", "file:"+*from+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	// The settings are those of spsd.
	target, err := sql.Open("sqlite", "file:"+*to+"?_txlock=immediate&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)"+
		"&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(33554432)")
	if err != nil {
		return err
	}
	target.SetMaxOpenConns(1)
	c := copier{source: source, target: target, tables: newTables()}
	if err := c.copyAll(ctx, *batch); err != nil {
		return err
	}
	// Closing copies the rest of the write-ahead log into the database.
	if err := c.timed(target.Close); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(filled{c.sessions, c.wall.Seconds(), c.cpu.Seconds()})
}

type copier struct {
	source, target *sql.DB
	tables         []*table
	sessions       int
	wall, cpu      time.Duration
}

func (c *copier) copyAll(ctx context.Context, batch int) error {
	next, ok, err := c.nth(ctx, -1<<62, 0)
	for ok && err == nil {
		from := next
		if next, ok, err = c.nth(ctx, from, batch); err != nil {
			return err
		}
		if !ok {
			next = 1<<63 - 1
		}
		if err := c.read(ctx, from, next); err != nil {
			return err
		}
		if err := c.timed(func() error { return c.insert(ctx) }); err != nil {
			return err
		}
	}
	return err
}

// nth finds the id of the session that comes n after the first one from id on.
func (c *copier) nth(ctx context.Context, id int64, n int) (found int64, ok bool, err error) {
	err = c.source.QueryRowContext(ctx, `SELECT id FROM session_docs WHERE id >= ? ORDER BY id LIMIT 1 OFFSET ?`, id, n).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return found, err == nil, err
}

func (c *copier) read(ctx context.Context, from, to int64) error {
	for _, t := range c.tables {
		if err := t.readRows(ctx, c.source, from, to); err != nil {
			return fmt.Errorf("%s: %w", t.read, err)
		}
	}
	return nil
}

func (t *table) readRows(ctx context.Context, db *sql.DB, from, to int64) error {
	t.rows = t.rows[:0]
	rows, err := db.QueryContext(ctx, t.read, from, to)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		dest := make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		t.rows = append(t.rows, row)
	}
	return rows.Err()
}

// insert stores the rows at hand in one transaction, with one prepared
// statement for each table.
func (c *copier) insert(ctx context.Context) error {
	dbtx, err := c.target.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer dbtx.Rollback()
	var inserts []*sql.Stmt
	for _, t := range c.tables {
		var insert *sql.Stmt // closed with dbtx
		if len(t.rows) > 0 {
			marks := "(?" + strings.Repeat(", ?", len(t.rows[0])-1) + ")"
			if insert, err = dbtx.PrepareContext(ctx, t.insert+marks); err != nil {
				return err
			}
		}
		inserts = append(inserts, insert)
	}
	for i, t := range c.tables {
		for _, row := range t.rows {
			if _, err := inserts[i].ExecContext(ctx, row...); err != nil {
				return err
			}
		}
	}
	n := len(c.tables[0].rows)
	if _, err := dbtx.ExecContext(ctx, `UPDATE session_stats SET total = total + ?`, n); err != nil {
		return err
	}
	c.sessions += n
	return dbtx.Commit()
}

func (c *copier) timed(do func() error) error {
	started, used := time.Now(), cpuTime()
	err := do()
	c.wall += time.Since(started)
	c.cpu += cpuTime() - used
	return err
}

// cpuTime is what this process has used of the processors so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it knows no other error than wrong arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
