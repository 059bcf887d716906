package sqlite

import (
	"context"
	"time"

	"github.com/spskit/spskit/server/store"
)

// CreateLogin stores a login.
func (s *Store) CreateLogin(ctx context.Context, l store.Login) error {
	_, err := s.writer.ExecContext(ctx, `
		INSERT INTO logins (id, user_name, search, read_config, edit_config, address, created_at, expires_at, method)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.ID[:], l.User, l.Rights.Search, l.Rights.ReadConfig, l.Rights.EditConfig,
		l.Address, toMicros(l.CreatedAt), toMicros(l.ExpiresAt), l.Method)
	return mapError(err)
}

// Login returns a login that has not expired at now.
func (s *Store) Login(ctx context.Context, id store.LoginID, now time.Time) (store.Login, error) {
	l := store.Login{ID: id}
	var created, expires int64
	err := s.login.row(ctx, []any{id[:], toMicros(now)},
		&l.User, &l.Rights.Search, &l.Rights.ReadConfig, &l.Rights.EditConfig, &l.Address, &created, &expires, &l.Method)
	if err != nil {
		return store.Login{}, err
	}
	l.CreatedAt, l.ExpiresAt = fromMicros(created), fromMicros(expires)
	return l, nil
}

// ExtendLogin moves the expiry of a login that has not expired at now. While
// another process writes, each call waits for its turn and then for the lock, but
// for neither longer than renewTimeout, however many calls there are.
func (s *Store) ExtendLogin(ctx context.Context, id store.LoginID, now, expiresAt time.Time) error {
	if err := s.acquireRenewal(ctx); err != nil {
		return err
	}
	defer func() { <-s.renewal }()
	return mustAffect(s.extendLogin.exec(ctx, toMicros(expiresAt), id[:], toMicros(now)))
}

func (s *Store) acquireRenewal(ctx context.Context) error {
	select {
	case s.renewal <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(renewTimeout)
	defer timer.Stop()
	select {
	case s.renewal <- struct{}{}:
		return nil
	case <-timer.C:
		return store.ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// DeleteLogin ends a login; its transaction goes with it.
func (s *Store) DeleteLogin(ctx context.Context, id store.LoginID) error {
	return mustAffect(s.writer.ExecContext(ctx, `DELETE FROM logins WHERE id = ?`, id[:]))
}

// DeleteExpiredLogins removes what has expired at now.
func (s *Store) DeleteExpiredLogins(ctx context.Context, now time.Time) (int, error) {
	res, err := s.writer.ExecContext(ctx, `DELETE FROM logins WHERE expires_at <= ?`, toMicros(now))
	if err != nil {
		return 0, mapError(err)
	}
	n, err := res.RowsAffected()
	return int(n), mapError(err)
}
