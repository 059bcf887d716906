package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/spskit/spskit/server/store"
)

// CreateAPIKey stores a key's hash.
func (s *Store) CreateAPIKey(ctx context.Context, k store.APIKey) error {
	_, err := s.writer.ExecContext(ctx, `INSERT INTO api_keys (id, user_name, created_at) VALUES (?, ?, ?)`,
		k.ID[:], k.User, toMicros(k.CreatedAt))
	return mapError(err)
}

// APIKey returns one key.
func (s *Store) APIKey(ctx context.Context, id store.LoginID) (store.APIKey, error) {
	k := store.APIKey{ID: id}
	var created int64
	err := s.lookups.QueryRowContext(ctx, `SELECT user_name, created_at FROM api_keys WHERE id = ?`, id[:]).Scan(&k.User, &created)
	if err != nil {
		return store.APIKey{}, mapError(err)
	}
	k.CreatedAt = fromMicros(created)
	return k, nil
}

// ListAPIKeys returns the user's keys, oldest first.
func (s *Store) ListAPIKeys(ctx context.Context, user string) ([]store.APIKey, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT id, created_at FROM api_keys WHERE user_name = ? ORDER BY created_at, id`, user)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var keys []store.APIKey
	for rows.Next() {
		k := store.APIKey{User: user}
		var id []byte
		var created int64
		if err := rows.Scan(&id, &created); err != nil {
			return nil, mapError(err)
		}
		copy(k.ID[:], id)
		k.CreatedAt = fromMicros(created)
		keys = append(keys, k)
	}
	return keys, mapError(rows.Err())
}

// DeleteAPIKey removes a key and ends the login that it acts as.
func (s *Store) DeleteAPIKey(ctx context.Context, id store.LoginID) error {
	return s.write(ctx, func(dbtx *sql.Tx) error {
		if err := mustAffect(dbtx.ExecContext(ctx, `DELETE FROM api_keys WHERE id = ?`, id[:])); err != nil {
			return err
		}
		err := mustAffect(dbtx.ExecContext(ctx, `DELETE FROM logins WHERE id = ?`, id[:]))
		if errors.Is(err, store.ErrNotFound) { // the key was idle
			return nil
		}
		return err
	})
}
