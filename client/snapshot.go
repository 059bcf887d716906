package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/spskit/spskit/gen/api"
)

// Sessions goes through the sessions that q chooses, and reads them a page of q.Limit
// at a time. After an error it ends, and it never ends early without one.
//
// Fewer than MaxMatchCount matches are read as they are, page by page. Each page is
// counted from the first match, so when sessions begin or cease to match between two
// pages, the later one may repeat some or miss some.
//
// More matches, and with q.Snapshot any number, are read from a snapshot: a state of
// the sessions that the server keeps, so that there are no duplicates and no gaps.
// Mind that
//
//   - the server hands out the same snapshot again, with the sessions as they were, to the
//     same user, address and user agent, until nobody has read from it for five minutes.
//     A program that polls is better off with a period small enough to need none.
//   - taking more than five minutes over a page lets the snapshot expire, which is
//     ErrSnapshotExpired.
//   - a user can have a few snapshots only, from several addresses or with several user
//     agents. One too many is ErrTooManyRequests. Going on without would give a part of
//     the sessions for all of them.
//
// Appliances before version 7.1 have no snapshots. There, and with an offset, reading
// ends at MaxMatchCount, and if there may be more, with ErrIncomplete; ask for
// periods of time one after the other then. With q.Snapshot such an appliance's refusal
// is the error.
func (c *Client) Sessions(ctx context.Context, q SessionQuery) iter.Seq2[Session, error] {
	params, err := q.params()
	if err != nil {
		return failed[Session](fmt.Errorf("listSessions: %w", err))
	}
	return func(yield func(Session, error) bool) {
		if q.Snapshot {
			id, err := c.openSnapshot(ctx)
			if err != nil {
				yield(Session{}, err)
				return
			}
			c.snapshotSessions(ctx, params, id, yield)
			return
		}
		c.liveSessions(ctx, params, yield)
	}
}

// liveSessions reads sessions as they are, unless there are too many for that.
func (c *Client) liveSessions(ctx context.Context, params *api.ListSessionsParams, yield func(Session, error) bool) {
	list := func(ctx context.Context) (*http.Response, error) { return c.api.ListSessions(ctx, params) }
	begun, cut := params.Offset != nil, false
	for p, err := range pages[Session](ctx, c, "listSessions", list) {
		if err == nil {
			cut = p.Meta.MatchCount >= MaxMatchCount
			if cut && !begun {
				id, err := c.openSnapshot(ctx)
				if err == nil {
					c.snapshotSessions(ctx, params, id, yield)
					return
				}
				if !lacksSnapshots(err) {
					yield(Session{}, err)
					return
				}
			}
			begun = true
		}
		if !p.yield(err, yield) || err != nil {
			return
		}
	}
	if cut {
		yield(Session{}, fmt.Errorf("listSessions: %w", ErrIncomplete))
	}
}

// snapshotSessions reads all sessions from a snapshot.
func (c *Client) snapshotSessions(ctx context.Context, params *api.ListSessionsParams, id string, yield func(Session, error) bool) {
	frozen := *params
	frozen.Snapshot = &id
	list := func(ctx context.Context) (*http.Response, error) { return c.api.ListSessions(ctx, &frozen) }
	for p, err := range pages[Session](ctx, c, "listSessions", list) {
		if errors.Is(err, ErrNotFound) {
			err = fmt.Errorf("%w: %w", ErrSnapshotExpired, err)
		}
		if !p.yield(err, yield) {
			return
		}
	}
}

// openSnapshot opens a snapshot, or renews the one that this user, address and user
// agent have.
func (c *Client) openSnapshot(ctx context.Context) (string, error) {
	var answer snapshotAnswer
	err := c.call(ctx, "openSnapshot", &answer, func(ctx context.Context) (*http.Response, error) {
		return c.api.OpenSnapshot(ctx)
	})
	return answer.ID, err
}

type snapshotAnswer struct{ ID string }

// UnmarshalJSON refuses what names no snapshot: without one, the list would be another.
func (a *snapshotAnswer) UnmarshalJSON(document []byte) error {
	var wire struct{ Body struct{ Snapshot string } }
	if err := json.Unmarshal(document, &wire); err != nil {
		return err
	}
	if a.ID = wire.Body.Snapshot; a.ID == "" {
		return errors.New("it names no snapshot")
	}
	return nil
}

// lacksSnapshots tells whether an appliance doesn't know what a snapshot is: it looks
// for a session of that name.
func lacksSnapshots(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrMethodNotAllowed) || errors.Is(err, ErrInvalidQuery)
}
