package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/spskit/spskit/server/store"
)

// OpenSnapshot returns the owner's snapshot, or stores a new one.
func (s *Store) OpenSnapshot(
	ctx context.Context, id string, owner store.SnapshotOwner, now, expiresAt time.Time, quota int,
) (store.Snapshot, error) {
	snapshot, err := s.useSnapshot(ctx, owner, now, expiresAt, "")
	if !errors.Is(err, store.ErrNotFound) {
		return snapshot, err
	}
	snapshot = store.Snapshot{ID: id, Owner: owner, OpenedAt: fromMicros(toMicros(now)), ExpiresAt: fromMicros(toMicros(expiresAt))}
	err = s.write(ctx, func(dbtx *sql.Tx) error {
		if _, err := dbtx.ExecContext(ctx, `DELETE FROM snapshots WHERE expires_at <= ?`, toMicros(now)); err != nil {
			return mapError(err)
		}
		var held int
		var first sql.NullInt64
		err := dbtx.QueryRowContext(ctx, `SELECT count(*), min(expires_at) FROM snapshots WHERE user_name = ?`, owner.User).
			Scan(&held, &first)
		if err != nil {
			return mapError(err)
		}
		if held >= quota {
			return &store.QuotaError{ExpiresAt: fromMicros(first.Int64)}
		}
		return mapError(dbtx.QueryRowContext(ctx, `
			INSERT INTO snapshots (id, user_name, address, agent, version, opened_at, expires_at)
			SELECT ?, ?, ?, ?, version, ?, ? FROM session_stats RETURNING version`,
			id, owner.User, owner.Address, owner.Agent, toMicros(now), toMicros(expiresAt)).Scan(&snapshot.Version))
	})
	if errors.Is(err, store.ErrExists) { // the same client was quicker, elsewhere
		return s.useSnapshot(ctx, owner, now, expiresAt, "")
	}
	if err != nil {
		return store.Snapshot{}, err
	}
	return snapshot, nil
}

// renewal is how much longer a snapshot must live for that to be written down.
const renewal = time.Second

// UseSnapshot returns and renews a snapshot of the owner.
func (s *Store) UseSnapshot(
	ctx context.Context, id string, owner store.SnapshotOwner, now, expiresAt time.Time,
) (store.Snapshot, error) {
	return s.useSnapshot(ctx, owner, now, expiresAt, " AND id = ?", id)
}

func (s *Store) useSnapshot(
	ctx context.Context, owner store.SnapshotOwner, now, expiresAt time.Time, which string, args ...any,
) (store.Snapshot, error) {
	snapshot := store.Snapshot{Owner: owner}
	var opened, expires int64
	err := s.lookups.QueryRowContext(ctx, `
		SELECT id, version, opened_at, expires_at FROM snapshots
		WHERE user_name = ? AND address = ? AND agent = ? AND expires_at > ?`+which,
		append([]any{owner.User, owner.Address, owner.Agent, toMicros(now)}, args...)...).
		Scan(&snapshot.ID, &snapshot.Version, &opened, &expires)
	if err != nil {
		return store.Snapshot{}, mapError(err)
	}
	snapshot.OpenedAt, snapshot.ExpiresAt = fromMicros(opened), fromMicros(expires)
	if expiresAt.Sub(snapshot.ExpiresAt) < renewal {
		return snapshot, nil
	}
	err = s.renew(ctx, snapshot.ID, now, expiresAt)
	switch {
	case err == nil:
		snapshot.ExpiresAt = fromMicros(toMicros(expiresAt))
	case !errors.Is(err, store.ErrBusy): // a later use will make up for it
		return store.Snapshot{}, err
	}
	return snapshot, nil
}

func (s *Store) renew(ctx context.Context, id string, now, expiresAt time.Time) error {
	if err := s.acquireRenewal(ctx); err != nil {
		return err
	}
	defer func() { <-s.renewal }()
	return mustAffect(s.renewer.ExecContext(ctx, `
		UPDATE snapshots SET expires_at = max(expires_at, ?) WHERE id = ? AND expires_at > ?`, toMicros(expiresAt), id, toMicros(now)))
}

// maxPurge bounds how long others who write have to wait for the removal of what
// only snapshots showed.
const maxPurge = 500

// DeleteExpiredSnapshots removes what has expired, and what was kept for it.
func (s *Store) DeleteExpiredSnapshots(ctx context.Context, now time.Time) (int, error) {
	var deleted int64
	err := s.write(ctx, func(dbtx *sql.Tx) error {
		res, err := dbtx.ExecContext(ctx, `DELETE FROM snapshots WHERE expires_at <= ?`, toMicros(now))
		if err != nil {
			return mapError(err)
		}
		deleted, err = res.RowsAffected()
		return mapError(err)
	})
	for after := int64(math.MinInt64); err == nil; {
		var ids []int64
		if ids, err = s.unseen(ctx, after); err != nil || len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		err = s.write(ctx, func(dbtx *sql.Tx) error { return purge(ctx, dbtx, ids) })
	}
	return int(deleted), err
}

// unseen returns the next rows that no snapshot shows any more. Snapshots that are
// opened later do not show them either.
func (s *Store) unseen(ctx context.Context, after int64) ([]int64, error) {
	rows, err := s.reader.QueryContext(ctx, `
		SELECT x.id FROM session_past x JOIN sessions s ON s.id = x.id
		WHERE x.id > ? AND NOT EXISTS (
			SELECT 1 FROM snapshots n WHERE n.version >= s.version AND n.version < x.version)
		ORDER BY x.id LIMIT ?`, after, maxPurge)
	if err != nil {
		return nil, mapError(err)
	}
	defer func() { _ = rows.Close() }()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, mapError(err)
		}
		ids = append(ids, id)
	}
	return ids, mapError(rows.Err())
}

func purge(ctx context.Context, dbtx *sql.Tx, ids []int64) error {
	for _, id := range ids {
		if err := deleteLists(ctx, dbtx, id); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM session_text WHERE rowid = ?`,
			`DELETE FROM session_details WHERE id = ?`,
			`DELETE FROM session_vault WHERE id = ?`,
			`DELETE FROM session_docs WHERE id = ?`,
			`DELETE FROM session_past WHERE id = ?`,
			`DELETE FROM sessions WHERE id = ?`,
		} {
			if _, err := dbtx.ExecContext(ctx, statement, id); err != nil {
				return mapError(err)
			}
		}
	}
	// The version is that of plans, too, which look for such rows while there are any.
	_, err := dbtx.ExecContext(ctx, `UPDATE session_stats SET past = past - ?, version = version + 1`, len(ids))
	return mapError(err)
}
