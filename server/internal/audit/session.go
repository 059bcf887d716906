package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spskit/spskit/server/store"
)

// Get returns the body of one session as stored JSON; store.ErrNotFound when
// there is no such session.
func (s *Service) Get(ctx context.Context, key string) ([]byte, error) {
	body, err := s.sessions.SessionBody(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("session %q: %w", key, err)
	}
	return body, nil
}

// Part is one page of a list that belongs to a session.
type Part struct {
	Paging
	Items []json.RawMessage // as stored
}

// Alerts returns a page of a session's alerts; store.ErrNotFound when there is
// no such session.
func (s *Service) Alerts(ctx context.Context, key string, w Window) (Part, error) {
	return s.part(ctx, key, store.PartAlerts, w)
}

// Events returns a page of a session's events; store.ErrNotFound when there is
// no such session.
func (s *Service) Events(ctx context.Context, key string, w Window) (Part, error) {
	return s.part(ctx, key, store.PartEvents, w)
}

// Indexing returns a page of a session's indexing jobs; store.ErrNotFound when
// there is no such session.
func (s *Service) Indexing(ctx context.Context, key string, w Window) (Part, error) {
	return s.part(ctx, key, store.PartIndexing, w)
}

// Channels returns a page of a session's channels, as items with key, meta and
// body; store.ErrNotFound when there is no such session.
func (s *Service) Channels(ctx context.Context, key string, w Window) (Part, error) {
	p, err := s.part(ctx, key, store.PartChannels, w)
	for i, body := range p.Items {
		n := strconv.Itoa(p.Offset + i + 1)
		item := make([]byte, 0, len(body)+len(key)+96)
		item = append(item, `{"key":"`+n+`","meta":{"href":"`+sessionsPath+key+"/channels/"+n+`"},"body":`...)
		p.Items[i] = append(append(item, body...), '}')
	}
	return p, err
}

// Channel returns the body of one channel, whose key is its number from 1 on;
// store.ErrNotFound when there is no such session or channel.
func (s *Service) Channel(ctx context.Context, key, channel string) ([]byte, error) {
	n, err := strconv.Atoi(channel)
	if err != nil || n < 1 || strconv.Itoa(n) != channel {
		return nil, fmt.Errorf("session %q, channel %q: %w", key, channel, store.ErrNotFound)
	}
	p, err := s.part(ctx, key, store.PartChannels, Window{Limit: 1, Offset: n - 1})
	if err != nil {
		return nil, err
	}
	if len(p.Items) == 0 {
		return nil, fmt.Errorf("session %q, channel %q: %w", key, channel, store.ErrNotFound)
	}
	return p.Items[0], nil
}

func (s *Service) part(ctx context.Context, key string, part store.Part, w Window) (Part, error) {
	stored, err := s.sessions.SessionPart(ctx, key, part)
	if err != nil {
		return Part{}, fmt.Errorf("%s of session %q: %w", part, key, err)
	}
	p := Part{Paging: Paging{Window: w}, Items: []json.RawMessage{}}
	err = elements(stored, func(element []byte) {
		if p.Count >= w.Offset && len(p.Items) < w.Limit {
			p.Items = append(p.Items, element)
		}
		p.Count++
	})
	if err != nil {
		return Part{}, fmt.Errorf("%s of session %q: %w", part, key, err)
	}
	return p, nil
}
