package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/spskit/spskit/server/store"
)

// mapError turns an error of the driver into one of the store's, by result
// code: a name that is taken, a reference to what does not exist, and a lock that
// was not to be had in time. No rows are no record; all else is a fault of the
// back end.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	if e, ok := errors.AsType[*driver.Error](err); ok {
		if e.Code()&0xff == lib.SQLITE_BUSY { // the low byte is the primary code
			return store.ErrBusy
		}
		switch e.Code() {
		case lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_ROWID:
			return store.ErrExists
		case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
			return store.ErrNotFound
		}
	}
	return fmt.Errorf("sqlite: %w", err)
}

// mustAffect is the outcome of a statement that changes the record it names:
// ErrNotFound when there was none.
func mustAffect(res sql.Result, err error) error {
	if err != nil {
		return mapError(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return mapError(err)
	}
	if n == 0 {
		return store.ErrNotFound
	}
	return nil
}
