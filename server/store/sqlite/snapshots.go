package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/spskit/spskit/server/store"
)

// OpenSnapshot returns the owner's snapshot, or stores a new one.
func (s *Store) OpenSnapshot(
	ctx context.Context, id string, owner store.SnapshotOwner, now, expiresAt time.Time, quota int,
) (store.Snapshot, error) {
	snapshot := store.Snapshot{ID: id, Owner: owner, ExpiresAt: expiresAt}
	err := s.write(ctx, func(dbtx *sql.Tx) error {
		if _, err := dbtx.ExecContext(ctx, `DELETE FROM snapshots WHERE expires_at <= ?`, toMicros(now)); err != nil {
			return mapError(err)
		}
		err := dbtx.QueryRowContext(ctx, `
			UPDATE snapshots SET expires_at = ? WHERE user_name = ? AND address = ? AND agent = ? RETURNING id, version`,
			toMicros(expiresAt), owner.User, owner.Address, owner.Agent).Scan(&snapshot.ID, &snapshot.Version)
		if !errors.Is(err, sql.ErrNoRows) {
			return mapError(err)
		}
		var held int
		var first sql.NullInt64
		err = dbtx.QueryRowContext(ctx, `SELECT count(*), min(expires_at) FROM snapshots WHERE user_name = ?`, owner.User).
			Scan(&held, &first)
		if err != nil {
			return mapError(err)
		}
		if held >= quota {
			return &store.QuotaError{ExpiresAt: fromMicros(first.Int64)}
		}
		return mapError(dbtx.QueryRowContext(ctx, `
			INSERT INTO snapshots (id, user_name, address, agent, version, expires_at)
			SELECT ?, ?, ?, ?, version, ? FROM session_stats RETURNING version`,
			id, owner.User, owner.Address, owner.Agent, toMicros(expiresAt)).Scan(&snapshot.Version))
	})
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
	snapshot := store.Snapshot{ID: id, Owner: owner}
	var expires int64
	err := s.lookups.QueryRowContext(ctx, `
		SELECT version, expires_at FROM snapshots
		WHERE id = ? AND user_name = ? AND address = ? AND agent = ? AND expires_at > ?`,
		id, owner.User, owner.Address, owner.Agent, toMicros(now)).Scan(&snapshot.Version, &expires)
	if err != nil {
		return store.Snapshot{}, mapError(err)
	}
	snapshot.ExpiresAt = expiresAt
	if expiresAt.Sub(fromMicros(expires)) < renewal {
		return snapshot, nil
	}
	return snapshot, s.write(ctx, func(dbtx *sql.Tx) error {
		return mustAffect(dbtx.ExecContext(ctx, `
			UPDATE snapshots SET expires_at = ? WHERE id = ? AND expires_at > ?`, toMicros(expiresAt), id, toMicros(now)))
	})
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
	for n := maxPurge; err == nil && n == maxPurge; {
		err = s.write(ctx, func(dbtx *sql.Tx) error {
			n, err = purge(ctx, dbtx)
			return err
		})
	}
	return int(deleted), err
}

// purge removes some of the rows that no snapshot shows any more.
func purge(ctx context.Context, dbtx *sql.Tx) (int, error) {
	ids, err := unseen(ctx, dbtx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, id := range ids {
		if err := deleteLists(ctx, dbtx, id); err != nil {
			return 0, err
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
				return 0, mapError(err)
			}
		}
	}
	_, err = dbtx.ExecContext(ctx, `UPDATE session_stats SET past = past - ?, version = version + 1`, len(ids))
	return len(ids), mapError(err)
}

func unseen(ctx context.Context, dbtx *sql.Tx) ([]int64, error) {
	rows, err := dbtx.QueryContext(ctx, `
		SELECT x.id FROM session_past x WHERE NOT EXISTS (
			SELECT 1 FROM snapshots n JOIN sessions s ON s.id = x.id
			WHERE n.version >= s.version AND n.version < x.version)
		LIMIT ?`, maxPurge)
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
