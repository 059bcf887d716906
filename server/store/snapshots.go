package store

import (
	"context"
	"time"
)

// SnapshotOwner is who may use a snapshot.
type SnapshotOwner struct {
	User    string
	Address string // of the client, without port
	Agent   string // what the client calls itself
}

// Snapshot is a view of the sessions that does not change: what is imported later
// is not in it, and what is replaced later still is. What it does not freeze are
// trails and downloads.
type Snapshot struct {
	ID        string
	Owner     SnapshotOwner
	Version   int64 // which state of the sessions it shows
	OpenedAt  time.Time
	ExpiresAt time.Time
}

// Snapshots keeps the snapshots. One has expired when now >= ExpiresAt; it is gone
// then, whether or not it has been deleted yet.
type Snapshots interface {
	// OpenSnapshot returns the owner's snapshot that has not expired at now, or
	// stores a new one of the sessions as they are, under id. A *QuotaError when
	// that would be one more than quota for the user. Either way it expires at
	// expiresAt, with the reservation of UseSnapshot.
	OpenSnapshot(ctx context.Context, id string, owner SnapshotOwner, now, expiresAt time.Time, quota int) (Snapshot, error)
	// UseSnapshot returns the owner's snapshot of that id, which expires at
	// expiresAt from then on; ErrNotFound when it has expired at now, is somebody
	// else's, or never was. The renewal does not wait long for others who write; if
	// it has to be left out, the snapshot expires when it would have.
	UseSnapshot(ctx context.Context, id string, owner SnapshotOwner, now, expiresAt time.Time) (Snapshot, error)
	// DeleteExpiredSnapshots removes what has expired at now, and what was kept
	// for it alone. It returns how many snapshots that were.
	DeleteExpiredSnapshots(ctx context.Context, now time.Time) (int, error)
}
