package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/spskit/spskit/gen/api"
)

// MaxMatchCount is where the API stops to count and to page.
const MaxMatchCount = 10000

// SessionQuery chooses sessions. All conditions given must hold; the zero value
// chooses all sessions, with all their properties, the newest first.
type SessionQuery struct {
	Start   time.Time // only sessions that started then or later
	End     time.Time // only sessions that ended then or earlier; leaves out those that go on
	Q       string    // filter by properties, such as `protocol:SSH AND user.name:jane`
	Content string    // filter by what was on the screen

	// Fields are the properties to read, by their dotted path, such as "start_time" and
	// "user.name", or of an object with all that is in it, such as "recording". None means all.
	Fields []string
	// KeysOnly reads no property at all: sessions have nothing but their key.
	KeysOnly bool

	Sort   []string // dotted paths, the most important first; "-start_time" sorts from large to small
	Limit  int      // length of a page, 500 at most; 0 means 500
	Offset int      // sessions to skip, MaxMatchCount at most
}

func (q SessionQuery) params() (*api.ListSessionsParams, error) {
	p := &api.ListSessionsParams{}
	fields := "*"
	switch {
	case q.KeysOnly && len(q.Fields) > 0:
		return nil, errors.New("the query asks both for fields and for none")
	case q.Limit < 0 || q.Offset < 0:
		return nil, errors.New("the query has a negative limit or offset")
	case q.Offset > MaxMatchCount: // the server would ignore it and start from the top
		return nil, fmt.Errorf("the query has the offset %d, and the API's pages end at %d", q.Offset, MaxMatchCount)
	case q.KeysOnly:
		fields = ""
	case len(q.Fields) > 0:
		fields = strings.Join(q.Fields, ",")
	}
	p.Fields = &fields
	// The API takes seven digits of a fraction and databases keep six. Rounding inwards
	// chooses the same sessions as the exact time does.
	if !q.Start.IsZero() {
		p.Start = timestamp(q.Start.Add(time.Microsecond - 1))
	}
	if !q.End.IsZero() {
		p.End = timestamp(q.End)
	}
	p.Q, p.Content, p.Sort = optional(q.Q), optional(q.Content), optional(strings.Join(q.Sort, ","))
	p.Limit, p.Offset = optional(q.Limit), optional(q.Offset)
	return p, nil
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

// Sessions goes through the sessions that q chooses, from q.Offset on, and reads them
// a page of q.Limit at a time. After an error it ends.
//
// It ends after MaxMatchCount sessions, even if more match, because the API's pages
// end there. Whoever must not miss any should ask for periods of time one after the
// other; SessionPage.MatchCount tells whether a period is small enough.
//
// Pages are counted from the first match each time. When sessions come or go between
// two pages, the later one may repeat some or miss some. With Sort by "start_time" and
// an End that has passed, what comes later rarely gets between.
func (c *Client) Sessions(ctx context.Context, q SessionQuery) iter.Seq2[Session, error] {
	params, err := q.params()
	if err != nil {
		return failed[Session](fmt.Errorf("listSessions: %w", err))
	}
	return walk[Session](ctx, c, "listSessions", func(ctx context.Context) (*http.Response, error) {
		return c.api.ListSessions(ctx, params)
	})
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
