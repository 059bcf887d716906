package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/spskit/spskit/server/store"
)

const (
	// busyTimeout is how long a statement waits for another process's write, and
	// renewTimeout how long the renewal of a login does, which a request waits for
	// and which can be made up for later.
	busyTimeout  = 10 * time.Second
	renewTimeout = 100 * time.Millisecond
	// The pools of reading connections are bounded, each connection may keep
	// readCacheKiB of pages, and those idle for longer than readerIdle are
	// closed.
	maxLookups    = 8
	maxReaders    = 4
	maxPages      = 8
	readCacheKiB  = 2048
	readerIdle    = time.Minute
	writeCacheKiB = 262144
	// lookupMapping is how many bytes of the file may be mapped for lookups.
	lookupMapping = 256 << 20
	// walPages is the length of the write-ahead log at which it is copied into
	// the database, and walLimit the size to which its file is cut afterwards.
	walPages = 16000
	walLimit = 64 << 20
)

// Store is the SQLite back end.
type Store struct {
	writer  *sql.DB       // one connection, whose transactions lock at their start
	renewer *sql.DB       // one connection, which gives up soon, for ExtendLogin
	lookups *sql.DB       // for the reading of single records, see statement.row
	reader  *sql.DB       // for what takes as long as the query does
	pages   *sql.DB       // for WalkSessions, which takes as long as its caller does
	renewal chan struct{} // held by the one that uses renewer
	words   vocabulary
	limits  limits
	plans   planCache
	statements
}

var _ store.Store = (*Store)(nil)

// Open opens the database file at path, which is created if there is none, and
// brings it to the newest layout.
func Open(ctx context.Context, path string) (*Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := create(abs); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	writing := dsn(abs, busyTimeout, writeCacheKiB, url.Values{"_txlock": {"immediate"}})
	renewing := dsn(abs, renewTimeout, readCacheKiB, url.Values{})
	reading := dsn(abs, busyTimeout, readCacheKiB, url.Values{"_query_only": {"1"}})
	// Single records lie anywhere in the file: read through a mapping, one costs
	// a fifth less. Pages gain nothing by it.
	looking := dsn(abs, busyTimeout, readCacheKiB, url.Values{"_query_only": {"1"}}, fmt.Sprintf("mmap_size(%d)", lookupMapping))
	s := &Store{
		writer:  newPool(writing, 1),
		renewer: newPool(renewing, 1),
		lookups: newPool(looking, maxLookups),
		reader:  newPool(reading, maxReaders),
		pages:   newPool(reading, maxPages),
		renewal: make(chan struct{}, 1),
		limits:  usualLimits,
	}
	if err := migrate(ctx, s.writer, abs); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), s.Close())
	}
	s.statements = newStatements(s.renewer, s.lookups, s.pages)
	return s, nil
}

// create makes an empty database file if there is none, for its owner's eyes
// only. The files that SQLite puts beside it get the same permissions.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names it
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// newPool makes a pool of up to size connections, which are opened when needed.
func newPool(dsn string, size int) *sql.DB {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		panic("sqlite: " + err.Error()) // only if the driver is not registered
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	if size > 1 {
		db.SetConnMaxIdleTime(readerIdle)
	}
	return db
}

// dsn names the file and what every connection to it is told first. In the DSN
// these settings reach each connection of a pool, which an Exec would not.
func dsn(path string, busy time.Duration, cacheKiB int, extra url.Values, pragmas ...string) string {
	extra.Set("_busy_timeout", fmt.Sprint(busy.Milliseconds()))
	extra["_pragma"] = append(pragmas,
		"synchronous(NORMAL)",
		"foreign_keys(1)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB),
		fmt.Sprintf("wal_autocheckpoint(%d)", walPages),
		fmt.Sprintf("journal_size_limit(%d)", walLimit),
	)
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: extra.Encode()}).String()
}

// Close waits for running calls and releases the back end.
func (s *Store) Close() error {
	// The writer goes last: whoever closes the last connection copies the
	// write-ahead log into the database.
	return errors.Join(
		closePool(s.lookups), closePool(s.reader), closePool(s.pages), closePool(s.renewer), closePool(s.writer))
}

// closePool closes db and waits until the connections that are still in use
// have been given back, which sql.DB.Close does not.
func closePool(db *sql.DB) error {
	err := db.Close()
	for db.Stats().OpenConnections > 0 {
		time.Sleep(time.Millisecond) //nolint:forbidigo // sql.DB has nothing to wait on
	}
	return err
}

// write runs fn in a database transaction that is committed if fn succeeds and
// leaves nothing behind otherwise.
func (s *Store) write(ctx context.Context, fn func(dbtx *sql.Tx) error) error {
	dbtx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return mapError(err)
	}
	defer func() { _ = dbtx.Rollback() }() // nothing to do once committed
	if err = fn(dbtx); err == nil {
		err = mapError(dbtx.Commit())
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // which is what ended it
	}
	return err
}

// toMicros and fromMicros convert times to and from the form they are kept in.
func toMicros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
