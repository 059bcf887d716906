package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// MaxMatchCount is where the API stops to count the matches of a list, and to page
// through them without a snapshot.
const MaxMatchCount = 10000

// SessionQuery chooses sessions. All conditions given must hold; the zero value
// chooses all sessions, with all their properties, the newest first.
type SessionQuery struct {
	Start time.Time // only sessions that started then or later
	End   time.Time // only sessions that ended then or earlier; leaves out those that go on
	Q     Query     // properties and content, such as Text("user.name").Is("jane")
	// Content is about what was recorded and nothing else, such as Command.Phrase("sudo").
	// Within Q the same is understood by more versions of the appliance.
	Content Query

	// Fields are the properties to read, by their dotted path, such as "start_time" and
	// "user.name", or of an object with all that is in it, such as "recording". None means all.
	Fields []string
	// KeysOnly reads no property at all: sessions have nothing but their key.
	KeysOnly bool

	Sort   []string // dotted paths, the most important first; "-start_time" sorts from large to small
	Limit  int      // length of a page, 500 at most; 0 means 500
	Offset int      // sessions to skip, MaxMatchCount at most

	// Snapshot reads all pages from one state of the sessions, however few they are. It
	// is for Client.Sessions, which says more, and doesn't go with an offset.
	Snapshot bool
}

func (q SessionQuery) params() (*api.ListSessionsParams, error) {
	p := &api.ListSessionsParams{}
	fields := "*"
	switch {
	case q.KeysOnly && len(q.Fields) > 0:
		return nil, errors.New("the query asks both for fields and for none")
	case q.Snapshot && q.Offset > 0:
		return nil, errors.New("the query has an offset, and snapshots have none")
	case q.Limit < 0 || q.Offset < 0:
		return nil, errors.New("the query has a negative limit or offset")
	case q.Offset > MaxMatchCount: // the server would ignore it and start from the top
		return nil, fmt.Errorf("the query has the offset %d, and the API's pages end at %d", q.Offset, MaxMatchCount)
	case q.KeysOnly:
		fields = ""
	case len(q.Fields) > 0:
		fields = strings.Join(q.Fields, ",")
	}
	f, err := filterBy(q.Start, q.End, q.Q, q.Content)
	if err != nil {
		return nil, err
	}
	p.Start, p.End, p.Q, p.Content = f.start, f.end, f.q, f.content
	p.Fields, p.Sort = &fields, optional(strings.Join(q.Sort, ","))
	p.Limit, p.Offset = optional(q.Limit), optional(q.Offset)
	return p, nil
}

// filter has the conditions that lists and counts of sessions share, as the API takes them.
type filter struct{ start, end, q, content *string }

func filterBy(start, end time.Time, q, content Query) (f filter, err error) {
	// The API takes seven digits of a fraction and databases keep six. Rounding inwards
	// chooses the same sessions as the exact time does.
	if !start.IsZero() {
		f.start = timestamp(start.Add(time.Microsecond - 1))
	}
	if !end.IsZero() {
		f.end = timestamp(end)
	}
	if f.q, err = q.expression(); err != nil {
		return f, err
	}
	f.content, err = content.contentExpression()
	return f, err
}

func timestamp(t time.Time) *string {
	text := t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	return &text
}

// optional is nil for a zero value.
func optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// SessionPage is one page of sessions.
type SessionPage struct {
	Sessions   []Session
	MatchCount int  // how many sessions match; MaxMatchCount means that many or more
	Limit      int  // length of a page, as the server has it
	Offset     int  // how many sessions come before this page
	More       bool // whether another page follows
}

// ListSessions reads the page of sessions that q describes. Use Sessions to go
// through all of them.
func (c *Client) ListSessions(ctx context.Context, q SessionQuery) (*SessionPage, error) {
	params, err := q.params()
	if err == nil && q.Snapshot {
		err = errors.New("a single page needs no snapshot")
	}
	if err != nil {
		return nil, fmt.Errorf("listSessions: %w", err)
	}
	var p page[Session]
	err = c.call(ctx, "listSessions", &p, func(ctx context.Context) (*http.Response, error) {
		return c.api.ListSessions(ctx, params)
	})
	if err != nil {
		return nil, err
	}
	result := &SessionPage{
		Sessions: p.Items, MatchCount: p.Meta.MatchCount, Limit: p.Meta.Limit, More: p.Meta.Next != "",
	}
	if p.Meta.Offset != nil {
		result.Offset = *p.Meta.Offset
	}
	return result, nil
}

// Session reads one session.
func (c *Client) Session(ctx context.Context, key string) (*Session, error) {
	if err := checkKey(key); err != nil {
		return nil, fmt.Errorf("getSession: %w", err)
	}
	var s Session
	err := c.call(ctx, "getSession", &s, func(ctx context.Context) (*http.Response, error) {
		return c.api.GetSession(ctx, key)
	})
	if err != nil {
		return nil, err
	}
	return &s, nil
}
