package audit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/spskit/spskit/server/store"
)

const (
	// SnapshotLifetime is how long a snapshot lives after it was used.
	SnapshotLifetime = 5 * time.Minute
	// snapshotQuota is how many snapshots a user may have at a time.
	snapshotQuota = 5
)

// Client is who asks. Each has at most one snapshot.
type Client struct {
	User    string
	Address string // without port
	Agent   string // what the client calls itself
}

// owner keeps the length of what clients call themselves out of the database.
func (c Client) owner() store.SnapshotOwner {
	agent := sha256.Sum256([]byte(c.Agent))
	return store.SnapshotOwner{User: c.User, Address: c.Address, Agent: hex.EncodeToString(agent[:])}
}

// QuotaError says that the user has all the snapshots that one may have.
type QuotaError struct {
	RetryAfter time.Duration // when the first of them expires if it is not used
}

func (e *QuotaError) Error() string { return "all snapshots of the user are in use" }

// OpenSnapshot returns the id of the client's snapshot, which it opens unless
// there is one. A *QuotaError when the user has too many.
func (s *Service) OpenSnapshot(ctx context.Context, c Client) (string, error) {
	var id [20]byte
	_, _ = rand.Read(id[:]) // never fails
	now := s.now()
	opened, err := s.sessions.OpenSnapshot(ctx, hex.EncodeToString(id[:]), c.owner(), now, now.Add(SnapshotLifetime), snapshotQuota)
	var quota *store.QuotaError
	if errors.As(err, &quota) {
		return "", &QuotaError{RetryAfter: quota.ExpiresAt.Sub(now)}
	}
	if err != nil {
		return "", fmt.Errorf("open a snapshot: %w", err)
	}
	return opened.ID, nil
}

// SnapshotError says that the client has no such snapshot, or no longer.
type SnapshotError struct{ ID string }

func (e *SnapshotError) Error() string { return fmt.Sprintf("the client has no snapshot %q", e.ID) }

// useSnapshot returns the client's snapshot of that id, and renews it.
func (s *Service) useSnapshot(ctx context.Context, id string, c Client) (*store.Snapshot, error) {
	now := s.now()
	snapshot, err := s.sessions.UseSnapshot(ctx, id, c.owner(), now, now.Add(SnapshotLifetime))
	if errors.Is(err, store.ErrNotFound) {
		return nil, &SnapshotError{ID: id}
	}
	if err != nil {
		return nil, fmt.Errorf("use a snapshot: %w", err)
	}
	return &snapshot, nil
}

// SweepSnapshots removes the snapshots that have expired.
func (s *Service) SweepSnapshots(ctx context.Context) error {
	if _, err := s.sessions.DeleteExpiredSnapshots(ctx, s.now()); err != nil {
		return fmt.Errorf("delete expired snapshots: %w", err)
	}
	return nil
}
