package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/spskit/spskit/server/store"
)

// SessionBody returns a session's JSON body.
func (s *Store) SessionBody(ctx context.Context, key string) ([]byte, error) {
	var body []byte
	err := s.body.row(ctx, []any{key}, &body)
	return body, err
}

// SessionPart returns one list of a session as a JSON array.
func (s *Store) SessionPart(ctx context.Context, key string, part store.Part) ([]byte, error) {
	query := s.part[part]
	if query == nil {
		return nil, fmt.Errorf("sqlite: a session has no part %q", part)
	}
	var list []byte
	err := query.row(ctx, []any{key}, &list)
	return list, err
}

// SessionTrail returns a session's trail and whether the session is active.
func (s *Store) SessionTrail(ctx context.Context, key string) (store.Trail, bool, error) {
	var t store.Trail
	var modified int64
	var active sql.NullBool
	if err := s.trail.row(ctx, []any{key}, &t.Blob, &t.Size, &t.SHA256, &modified, &active); err != nil {
		return store.Trail{}, false, err
	}
	t.Modified = fromMicros(modified)
	return t, active.Bool, nil
}

// AddDownload logs a trail download.
func (s *Store) AddDownload(
	ctx context.Context, key string, d store.Download, rewrite func(body []byte) ([]byte, error),
) error {
	return s.write(ctx, func(dbtx *sql.Tx) error {
		var id int64
		var again bool
		err := dbtx.QueryRowContext(ctx, `
			SELECT id, EXISTS (SELECT 1 FROM trail_downloads d WHERE d.key = s.key)
			FROM sessions s WHERE key = ?`, key).Scan(&id, &again)
		if err != nil {
			return mapError(err)
		}
		if _, err := dbtx.ExecContext(ctx, `
			INSERT INTO trail_downloads (key, time, user_name, address, from_api) VALUES (?, ?, ?, ?, ?)`,
			key, toMicros(d.Time), d.User, d.Address, d.FromAPI); err != nil {
			return mapError(err)
		}
		if again {
			return nil
		}
		return rewriteBody(ctx, dbtx, id, rewrite)
	})
}

func rewriteBody(ctx context.Context, dbtx *sql.Tx, id int64, rewrite func(body []byte) ([]byte, error)) error {
	var body []byte
	if err := dbtx.QueryRowContext(ctx, `SELECT body FROM session_docs WHERE id = ?`, id).Scan(&body); err != nil {
		return mapError(err)
	}
	body, err := rewrite(body)
	if err != nil {
		return err
	}
	if _, err := dbtx.ExecContext(ctx, `UPDATE session_docs SET body = ? WHERE id = ?`, body, id); err != nil {
		return mapError(err)
	}
	_, err = dbtx.ExecContext(ctx, `UPDATE session_stats SET version = version + 1`)
	return mapError(err)
}

// Downloads returns a session's download log, oldest first.
func (s *Store) Downloads(ctx context.Context, key string, offset, limit int) ([]store.Download, int, error) {
	var total int
	err := s.lookups.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM trail_downloads d WHERE d.key = s.key) FROM sessions s WHERE key = ?`, key).Scan(&total)
	if err != nil {
		return nil, 0, mapError(err)
	}
	rows, err := s.lookups.QueryContext(ctx, `
		SELECT time, user_name, address, from_api FROM trail_downloads
		WHERE key = ? ORDER BY time, id LIMIT ? OFFSET ?`, key, max(limit, 0), offset)
	if err != nil {
		return nil, 0, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var downloads []store.Download
	for rows.Next() {
		var d store.Download
		var at int64
		if err := rows.Scan(&at, &d.User, &d.Address, &d.FromAPI); err != nil {
			return nil, 0, mapError(err)
		}
		d.Time = fromMicros(at)
		downloads = append(downloads, d)
	}
	return downloads, total, mapError(rows.Err())
}
