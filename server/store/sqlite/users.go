package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/spskit/spskit/server/store"
)

const selectUsers = `SELECT name, password_hash, search, read_config, edit_config, created_at FROM users `

// CreateUser stores a new account.
func (s *Store) CreateUser(ctx context.Context, u store.User) error {
	_, err := s.writer.ExecContext(ctx, `
		INSERT INTO users (name, password_hash, search, read_config, edit_config, created_at)
		VALUES (?, ?, ?, ?, ?, ?)`,
		u.Name, u.PasswordHash, u.Rights.Search, u.Rights.ReadConfig, u.Rights.EditConfig, toMicros(u.CreatedAt))
	return mapError(err)
}

// User returns one account.
func (s *Store) User(ctx context.Context, name string) (store.User, error) {
	u, err := scanUser(s.lookups.QueryRowContext(ctx, selectUsers+`WHERE name = ?`, name))
	return u, mapError(err)
}

// ListUsers returns all accounts, ordered by name.
func (s *Store) ListUsers(ctx context.Context) ([]store.User, error) {
	rows, err := s.reader.QueryContext(ctx, selectUsers+`ORDER BY name`)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var users []store.User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, mapError(err)
		}
		users = append(users, u)
	}
	return users, mapError(rows.Err())
}

func scanUser(row interface{ Scan(dest ...any) error }) (store.User, error) {
	var u store.User
	var created int64
	err := row.Scan(&u.Name, &u.PasswordHash, &u.Rights.Search, &u.Rights.ReadConfig, &u.Rights.EditConfig, &created)
	if err != nil {
		return store.User{}, err
	}
	u.CreatedAt = fromMicros(created)
	return u, nil
}

// SetPassword replaces the hash and ends all of the user's logins.
func (s *Store) SetPassword(ctx context.Context, name, passwordHash string) error {
	return s.write(ctx, func(dbtx *sql.Tx) error { return setPassword(ctx, dbtx, name, passwordHash) })
}

func setPassword(ctx context.Context, dbtx *sql.Tx, name, passwordHash string) error {
	err := mustAffect(dbtx.ExecContext(ctx, `UPDATE users SET password_hash = ? WHERE name = ?`, passwordHash, name))
	if err != nil {
		return err
	}
	_, err = dbtx.ExecContext(ctx, `DELETE FROM logins WHERE user_name = ?`, name)
	return mapError(err)
}

// changeAccount makes one change that came with a commit.
func changeAccount(ctx context.Context, dbtx *sql.Tx, c store.AccountChange, now time.Time) error {
	if c.PasswordHash == "" {
		_, err := dbtx.ExecContext(ctx, `DELETE FROM users WHERE name = ?`, c.Name)
		return mapError(err)
	}
	err := setPassword(ctx, dbtx, c.Name, c.PasswordHash)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	_, err = dbtx.ExecContext(ctx, `
		INSERT INTO users (name, password_hash, search, read_config, edit_config, created_at)
		VALUES (?, ?, 0, 0, 0, ?)`, c.Name, c.PasswordHash, toMicros(now))
	return mapError(err)
}

// DeleteUser removes the account; its logins and what hangs on them go with it.
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	return mustAffect(s.writer.ExecContext(ctx, `DELETE FROM users WHERE name = ?`, name))
}
