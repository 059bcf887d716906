package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/spskit/spskit/server/store"
)

// Document returns the document at path as login sees it.
func (s *Store) Document(ctx context.Context, login store.LoginID, path string) ([]byte, error) {
	var body []byte
	var err error
	if login == (store.LoginID{}) {
		err = s.document.row(ctx, []any{path}, &body)
	} else {
		err = s.ownDocument.row(ctx, []any{login[:], path}, &body)
	}
	if err == nil && body == nil { // deleted
		err = store.ErrNotFound
	}
	return body, err
}

// Documents returns what was ever written directly below path, as login sees it.
func (s *Store) Documents(ctx context.Context, login store.LoginID, path string) ([]store.Document, error) {
	// '0' comes right behind '/'. What lies deeper has another slash.
	rows, err := s.lookups.QueryContext(ctx, `
		SELECT path, body, 0 FROM documents d
		WHERE path > ?2 || '/' AND path < ?2 || '0' AND instr(substr(path, length(?2) + 2), '/') = 0
		  AND NOT EXISTS (SELECT 1 FROM pending_documents p WHERE p.login = ?1 AND p.path = d.path)
		UNION ALL
		SELECT path, body, 1 FROM pending_documents
		WHERE login = ?1 AND path > ?2 || '/' AND path < ?2 || '0' AND instr(substr(path, length(?2) + 2), '/') = 0
		ORDER BY 1`, login[:], path)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var documents []store.Document
	for rows.Next() {
		var d store.Document
		if err := rows.Scan(&d.Path, &d.Body, &d.Pending); err != nil {
			return nil, mapError(err)
		}
		documents = append(documents, d)
	}
	return documents, mapError(rows.Err())
}

// OpenTransaction opens a transaction for the login, or returns the one it has.
func (s *Store) OpenTransaction(
	ctx context.Context, login store.LoginID, now time.Time, exclusive bool,
) (t store.Transaction, opened bool, err error) {
	t = store.Transaction{Login: login}
	err = s.write(ctx, func(dbtx *sql.Tx) error {
		var since sql.NullInt64
		err := dbtx.QueryRowContext(ctx, `
			SELECT t.opened_at FROM logins l LEFT JOIN transactions t ON t.login = l.id
			WHERE l.id = ? AND l.expires_at > ?`, login[:], toMicros(now)).Scan(&since)
		if err != nil {
			return mapError(err)
		}
		if since.Valid {
			t.OpenedAt = fromMicros(since.Int64)
			return nil
		}
		if exclusive {
			if err := mustBeAlone(ctx, dbtx, now); err != nil {
				return err
			}
		}
		opened, t.OpenedAt = true, fromMicros(toMicros(now))
		_, err = dbtx.ExecContext(ctx, `INSERT INTO transactions (login, opened_at) VALUES (?, ?)`, login[:], toMicros(now))
		return mapError(err)
	})
	if err != nil {
		return store.Transaction{}, false, err
	}
	return t, opened, nil
}

// mustBeAlone fails with a LockedError when a login that lives holds a
// transaction. What an expired one left behind is in nobody's way: it cannot be
// used any more.
func mustBeAlone(ctx context.Context, dbtx *sql.Tx, now time.Time) error {
	var holder string
	var opened, expires int64
	err := dbtx.QueryRowContext(ctx, `
		SELECT l.user_name, t.opened_at, l.expires_at
		FROM transactions t JOIN logins l ON l.id = t.login
		WHERE l.expires_at > ? ORDER BY t.opened_at LIMIT 1`, toMicros(now)).Scan(&holder, &opened, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return mapError(err)
	}
	return &store.LockedError{Holder: holder, OpenedAt: fromMicros(opened), ExpiresAt: fromMicros(expires)}
}

// Transaction returns the login's transaction.
func (s *Store) Transaction(ctx context.Context, login store.LoginID) (store.Transaction, error) {
	var opened int64
	if err := s.transaction.row(ctx, []any{login[:]}, &opened); err != nil {
		return store.Transaction{}, noTransaction(err)
	}
	return store.Transaction{Login: login, OpenedAt: fromMicros(opened)}, nil
}

// PutDocument writes a pending document into the login's transaction.
func (s *Store) PutDocument(ctx context.Context, login store.LoginID, path string, body []byte) error {
	_, err := s.writer.ExecContext(ctx, `
		INSERT INTO pending_documents (login, path, body, base)
		VALUES (?1, ?2, ?3, coalesce((SELECT revision FROM documents WHERE path = ?2), 0))
		ON CONFLICT (login, path) DO UPDATE SET body = excluded.body`, login[:], path, body)
	return noTransaction(mapError(err))
}

// PendingChanges returns what the login's transaction wrote, ordered by path.
func (s *Store) PendingChanges(ctx context.Context, login store.LoginID) ([]store.PendingChange, error) {
	rows, err := s.lookups.QueryContext(ctx, `SELECT path, body FROM pending_documents WHERE login = ? ORDER BY path`, login[:])
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var changes []store.PendingChange
	for rows.Next() {
		var c store.PendingChange
		if err := rows.Scan(&c.Path, &c.Body); err != nil {
			return nil, mapError(err)
		}
		changes = append(changes, c)
	}
	return changes, mapError(rows.Err())
}

// CommitTransaction makes all pending documents the committed ones, or none.
func (s *Store) CommitTransaction(ctx context.Context, login store.LoginID, c store.Commit) (revision int64, err error) {
	err = s.write(ctx, func(dbtx *sql.Tx) error {
		var pending int
		err := dbtx.QueryRowContext(ctx, `
			SELECT (SELECT count(*) FROM pending_documents p WHERE p.login = t.login),
			       (SELECT coalesce(max(revision), 0) FROM config_revisions)
			FROM transactions t JOIN logins l ON l.id = t.login
			WHERE t.login = ? AND l.expires_at > ?`, login[:], toMicros(c.Time)).Scan(&pending, &revision)
		if err != nil {
			return noTransaction(mapError(err))
		}
		if pending > 0 {
			revision++
			if err := commitPending(ctx, dbtx, login, revision, c); err != nil {
				return err
			}
		}
		if err := endTransaction(ctx, dbtx, login); err != nil {
			return err
		}
		for _, change := range c.Accounts {
			if err := changeAccount(ctx, dbtx, change, c.Time); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return revision, nil
}

func commitPending(ctx context.Context, dbtx *sql.Tx, login store.LoginID, revision int64, c store.Commit) error {
	var path string
	err := dbtx.QueryRowContext(ctx, `
		SELECT p.path FROM pending_documents p LEFT JOIN documents d ON d.path = p.path
		WHERE p.login = ? AND p.base <> coalesce(d.revision, 0)
		ORDER BY p.path LIMIT 1`, login[:]).Scan(&path)
	if err == nil {
		return &store.ConflictError{Path: path}
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return mapError(err)
	}
	if _, err := dbtx.ExecContext(ctx, `
		INSERT INTO config_revisions (revision, time, user_name, message) VALUES (?, ?, ?, ?)`,
		revision, toMicros(c.Time), c.User, c.Message); err != nil {
		return mapError(err)
	}
	_, err = dbtx.ExecContext(ctx, `
		INSERT INTO documents (path, body, revision)
		SELECT path, body, ?2 FROM pending_documents WHERE login = ?1
		ON CONFLICT (path) DO UPDATE SET body = excluded.body, revision = excluded.revision`, login[:], revision)
	return mapError(err)
}

// RollbackTransaction drops the login's transaction.
func (s *Store) RollbackTransaction(ctx context.Context, login store.LoginID) error {
	return endTransaction(ctx, s.writer, login)
}

// endTransaction removes the transaction and what is pending in it.
func endTransaction(ctx context.Context, db interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, login store.LoginID,
) error {
	return noTransaction(mustAffect(db.ExecContext(ctx, `DELETE FROM transactions WHERE login = ?`, login[:])))
}

// noTransaction says what it means that a transaction was not found.
func noTransaction(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return store.ErrNoTransaction
	}
	return err
}

// Revision returns the newest committed revision.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var revision int64
	err := s.revision.row(ctx, nil, &revision)
	return revision, err
}
