package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// newestLayout is the number of the last migration. A database at that layout
// says so in its header, which is all that an ordinary start has to read.
var newestLayout = func() int {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted, and so is the numbering
	if err != nil || len(names) == 0 {
		panic("sqlite: no migrations embedded")
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(names[len(names)-1], "migrations/"), "_")
	n, err := strconv.Atoi(number)
	if err != nil {
		panic("sqlite: a migration has no number: " + err.Error())
	}
	return n
}()

// migrate brings the database at path to the newest layout. When several
// processes find work to do, one does it and the others wait.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	if done, err := upToDate(ctx, db); done || err != nil {
		return err
	}
	lockPath := path + ".migrate"
	lock := flock.New(lockPath)
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return fmt.Errorf("lock %s: %w", lockPath, err)
	}
	defer func() { _ = lock.Unlock() }()
	if done, err := upToDate(ctx, db); done || err != nil {
		return err
	}
	// The file remembers this mode. Changing it takes the lock: two processes that
	// change it at once fail each other.
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return fmt.Errorf("write-ahead log: %w", err)
	}
	dir, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", newestLayout)); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	// Whoever still waits for this lock finds nothing to do, so that it does not
	// matter if the next one locks a new file.
	_ = os.Remove(lockPath) //nolint:gosec // beside the database
	return nil
}

// upToDate reports whether the database has the newest layout. One that is newer
// still was written by a later version of this program, and is an error.
func upToDate(ctx context.Context, db *sql.DB) (bool, error) {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return false, err
	}
	if version > newestLayout {
		return false, fmt.Errorf("the database has layout %d, this program knows no later one than %d", version, newestLayout)
	}
	return version == newestLayout, nil
}
