package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"

	"github.com/spskit/spskit/server/store"
)

// statement is a query of a hot path: prepared at its first use, once for each
// connection, and kept until the pool is closed.
type statement struct {
	db    *sql.DB
	query string

	once  sync.Mutex
	ready atomic.Pointer[sql.Stmt]
}

func (st *statement) prepared(ctx context.Context) (interface {
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
}, error,
) {
	if stmt := st.ready.Load(); stmt != nil {
		return stmt, nil
	}
	st.once.Lock()
	defer st.once.Unlock()
	if stmt := st.ready.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := st.db.PrepareContext(ctx, st.query) //nolint:gosec // one of the constants below
	if err != nil {
		return nil, err
	}
	st.ready.Store(stmt)
	return stmt, nil
}

// row reads the one row of the result; store.ErrNotFound when there is none. It
// is not cancelled: it is over in some 25 us, and the goroutines with which the
// driver and database/sql watch for cancellation would take half as much again.
// So that nobody waits long for a connection either, these statements have
// their own.
func (st *statement) row(ctx context.Context, args []any, dest ...any) error {
	stmt, err := st.prepared(ctx)
	if err != nil {
		return mapError(err)
	}
	return mapError(stmt.QueryRowContext(context.WithoutCancel(ctx), args...).Scan(dest...))
}

func (st *statement) exec(ctx context.Context, args ...any) (sql.Result, error) {
	stmt, err := st.prepared(ctx)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

func (st *statement) rows(ctx context.Context, args ...any) (*sql.Rows, error) {
	stmt, err := st.prepared(ctx)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// statements are those that requests run over and over.
type statements struct {
	login, extendLogin       *statement
	document, ownDocument    *statement
	transaction, revision    *statement
	body, trail, total       *statement
	newestBodies, newestKeys *statement
	part                     map[store.Part]*statement
}

// isCurrent is true for a row of sessions that not only snapshots see. Mostly there
// are no others, which is found out once.
const isCurrent = `((SELECT past FROM session_stats) = 0 OR NOT EXISTS (SELECT 1 FROM session_past x WHERE x.id = s.id))`

func newStatements(renewer, lookups, pages *sql.DB) statements {
	look := func(query string) *statement { return &statement{db: lookups, query: query} }
	s := statements{
		login: look(`
			SELECT user_name, search, read_config, edit_config, address, created_at, expires_at, method
			FROM logins WHERE id = ? AND expires_at > ?`),
		extendLogin: &statement{db: renewer, query: `
			UPDATE logins SET expires_at = max(expires_at, ?) WHERE id = ? AND expires_at > ?`},
		document: look(`SELECT body FROM documents WHERE path = ?`),
		ownDocument: look(`
			SELECT body FROM (
				SELECT 0 AS rank, body FROM pending_documents WHERE login = ?1 AND path = ?2
				UNION ALL
				SELECT 1, body FROM documents WHERE path = ?2)
			ORDER BY rank LIMIT 1`),
		transaction: look(`SELECT opened_at FROM transactions WHERE login = ?`),
		revision:    look(`SELECT coalesce(max(revision), 0) FROM config_revisions`),
		body:        look(`SELECT d.body FROM sessions s JOIN session_docs d ON d.id = s.id WHERE s.key = ? AND d.key = s.key`),
		trail: look(`
			SELECT t.blob, t.size, t.sha256, t.modified_at, s.active
			FROM trails t JOIN sessions s ON s.key = t.key WHERE t.key = ?`),
		total: look(`SELECT total FROM session_stats`),
		// The offset is walked in the narrow table, so that the documents of the
		// pages before are not read. "+ 0" hides the numbers from the planner, which
		// would otherwise plan each new pair of them again.
		newestBodies: &statement{db: pages, query: `
			SELECT key, body FROM session_docs d
			WHERE id <= (SELECT id FROM sessions s NOT INDEXED WHERE ` + isCurrent + `
				ORDER BY id DESC LIMIT 1 OFFSET ? + 0)
				AND ((SELECT past FROM session_stats) = 0 OR NOT EXISTS (SELECT 1 FROM session_past x WHERE x.id = d.id))
			ORDER BY id DESC LIMIT ? + 0`},
		newestKeys: &statement{db: pages, query: `
			SELECT key FROM sessions s NOT INDEXED WHERE ` + isCurrent + ` ORDER BY id DESC LIMIT ?2 + 0 OFFSET ?1 + 0`},
		part: make(map[store.Part]*statement),
	}
	for _, part := range []store.Part{
		store.PartChannels, store.PartAlerts, store.PartEvents, store.PartIndexing, store.PartContent,
	} {
		s.part[part] = look(`
			SELECT coalesce(d.` + string(part) + `, '[]')
			FROM sessions s LEFT JOIN session_details d ON d.id = s.id
			WHERE s.key = ? AND instr(s.key, char(31)) = 0`)
	}
	return s
}
