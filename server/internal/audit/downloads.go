package audit

import (
	"context"
	"fmt"

	"github.com/spskit/spskit/server/store"
)

// Downloads is one page of a session's trail-download log.
type Downloads struct {
	Paging
	Items []store.Download // oldest first
}

// Downloads returns a page of a session's trail-download log; store.ErrNotFound
// when there is no such session.
func (s *Service) Downloads(ctx context.Context, key string, w Window) (Downloads, error) {
	items, count, err := s.sessions.Downloads(ctx, key, w.Offset, w.Limit)
	if err != nil {
		return Downloads{}, fmt.Errorf("downloads of session %q: %w", key, err)
	}
	return Downloads{Paging: Paging{Window: w, Count: count}, Items: items}, nil
}

// LogDownload logs that user downloaded the session's trail through the API just
// now. The session's body links to the log from then on. store.ErrNotFound when
// there is no such session.
func (s *Service) LogDownload(ctx context.Context, key, user, address string) error {
	d := store.Download{Time: s.now(), User: user, Address: address, FromAPI: true}
	err := s.sessions.AddDownload(ctx, key, d, func(body []byte) ([]byte, error) {
		var members map[string]any
		if err := decodeJSON(body, &members); err != nil {
			return nil, err
		}
		members["trail_downloads"] = href(key, "trail_downloads")
		return appendJSON(make([]byte, 0, len(body)+len(key)+64), members)
	})
	if err != nil {
		return fmt.Errorf("log a download of session %q: %w", key, err)
	}
	return nil
}

// SessionTrail returns a session's trail and whether the session is still
// active; store.ErrNotFound when there is no such session or it has no trail.
func (s *Service) SessionTrail(ctx context.Context, key string) (t store.Trail, active bool, err error) {
	t, active, err = s.sessions.SessionTrail(ctx, key)
	if err != nil {
		return t, false, fmt.Errorf("trail of session %q: %w", key, err)
	}
	return t, active, nil
}

// href is a link to something that belongs to a session.
func href(key, what string) map[string]any {
	return map[string]any{"href": sessionsPath + key + "/" + what}
}
