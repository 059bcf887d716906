package store

import (
	"context"
	"time"

	"github.com/spskit/spskit/server/internal/query"
)

// Session is a recorded session on its way into the store.
type Session struct {
	Key      string // without the character U+001F
	Revision int64
	Start    time.Time // the start_time, never zero; orders sessions to the millisecond
	// Values holds the searchable values, in the order of query.Fields: nil,
	// string, int64, bool, time.Time, netip.Addr, or []string for list fields.
	Values []any
	// Body returns the session's JSON body. The store calls it once it knows
	// which sub-resources the session has besides those given here.
	Body func(Links) ([]byte, error)
	// Channels, Alerts, Events, Indexing and Content are JSON arrays; nil
	// keeps what is stored, or stores an empty array.
	Channels, Alerts, Events, Indexing, Content []byte
	// Text is what full-text search finds the session by. It is replaced together
	// with Content.
	Text Text
	// Trail is the trail file; nil keeps what is stored.
	Trail *Trail
}

// Text holds the normalised words of a session's content by kind, as
// query.AppendRecord gathers them.
type Text struct{ Screen, Command, Title string }

// Links says which optional links a session's body carries.
type Links struct {
	Trail     bool // the session has a trail file
	Downloads bool // its trail has been downloaded at least once
}

// Trail describes a trail file that is stored as a blob.
type Trail struct {
	Blob     string    // name of the blob
	Size     int64     // bytes
	SHA256   string    // lower-case hex
	Modified time.Time // when it was stored
}

// Download is one entry of a session's trail-download log.
type Download struct {
	Time    time.Time
	User    string
	Address string // of the downloading client, without port
	FromAPI bool
}

// Part names a list that belongs to a session.
type Part string

// The parts of a session.
const (
	PartChannels Part = "channels"
	PartAlerts   Part = "alerts"
	PartEvents   Part = "events"
	PartIndexing Part = "indexing"
	PartContent  Part = "content"
)

// Filter selects sessions. The zero Filter selects all.
type Filter struct {
	StartFrom time.Time  // start_time >= StartFrom, unless zero
	EndTo     time.Time  // end_time <= EndTo, unless zero; leaves out active sessions
	Expr      query.Expr // nil selects all
}

// All reports whether the filter selects every session.
func (f Filter) All() bool {
	_, all := f.Expr.(query.All)
	return f.StartFrom.IsZero() && f.EndTo.IsZero() && (f.Expr == nil || all)
}

// Order is one sort key. Sessions without the field come last either way. Text
// sorts by its bytes, false before true, addresses by their 16-byte form, and
// start_time to the millisecond.
type Order struct {
	Field      *query.Field // a scalar field
	Descending bool
}

// Page is a window over the sorted matches of a filter. Ties are broken, and an
// empty Sort is replaced, by newest start first. Which comes first of what starts in
// the same millisecond is the store's choice, and stays the same.
type Page struct {
	Filter   Filter
	Sort     []Order
	Offset   int
	Limit    int       // 0 is an empty page
	Bodies   bool      // also hand out the bodies
	Snapshot *Snapshot // search in it; nil searches what is stored now
	After    string    // begin behind the session of this key, unless empty
}

// PutResult counts what PutSessions did.
type PutResult struct {
	Stored  int // new, or newer than what was stored
	Skipped int // not newer than what was stored
}

// Sessions keeps the recorded sessions.
type Sessions interface {
	// PutSessions stores the batch in one database transaction, all or
	// nothing. A session whose key is stored already is replaced if its
	// Revision is larger, and skipped otherwise; within a batch the later of
	// two equal keys is compared with the earlier.
	PutSessions(ctx context.Context, batch []Session) (PutResult, error)
	// SessionBody returns a session's JSON body; ErrNotFound when there is none.
	SessionBody(ctx context.Context, key string) ([]byte, error)
	// SessionMatches reports whether there is a session of that key which the
	// expression selects. ErrTooManyWords.
	SessionMatches(ctx context.Context, key string, e query.Expr) (bool, error)
	// SessionPart returns one list of a session as a JSON array; ErrNotFound
	// when there is no such session.
	SessionPart(ctx context.Context, key string, part Part) ([]byte, error)
	// WalkSessions calls fn for each session of the page, in order, until fn
	// fails; it returns fn's error as it is. body is the stored JSON (nil
	// without Page.Bodies) and valid only during the call. ErrNotFound when there
	// is no session Page.After, matching or not; ErrTooManyWords.
	WalkSessions(ctx context.Context, p Page, fn func(key string, body []byte) error) error
	// CountSessions counts the matches, but no further than limit. ErrTooManyWords.
	CountSessions(ctx context.Context, f Filter, limit int) (int, error)
	// SessionTrail returns a session's trail and whether the session is still
	// active; ErrNotFound when there is no such session or it has no trail.
	SessionTrail(ctx context.Context, key string) (t Trail, active bool, err error)
	// AddDownload logs a trail download. When it is the session's first, the
	// body is replaced by what rewrite makes of it, in the same database
	// transaction. ErrNotFound when there is no such session.
	AddDownload(ctx context.Context, key string, d Download, rewrite func(body []byte) ([]byte, error)) error
	// Downloads returns a session's download log, oldest first, and how many
	// entries it has in all; ErrNotFound when there is no such session.
	Downloads(ctx context.Context, key string, offset, limit int) ([]Download, int, error)
}

// Terms asks how often each value of a field occurs.
type Terms struct {
	Field *query.Field
	Sub   *query.Field // split each value by the values of this field, unless nil
	Size  int          // how many values at most, the most frequent first
}

// TermCount says how many sessions have a value.
type TermCount struct {
	Value any // as in Session.Values; one of its elements for list fields
	Count int
	Sub   []TermCount // the most frequent first, Terms.Size at most
}

// TermCounts is the answer to Terms.
type TermCounts struct {
	Terms   []TermCount // the most frequent first, of equally frequent the smaller value
	Total   int         // all sessions that match
	Missing int         // those without the field
	Other   int         // how often values occur that are not among Terms
}

// Bin counts the sessions of a stretch of time: number n begins n times its
// width after 1970-01-01T00:00:00Z.
type Bin struct {
	Number int64
	Count  int
}

// Aggregates counts over all matches of a filter. All methods may fail with
// ErrTooManyWords.
type Aggregates interface {
	// CountTerms counts the sessions by the values of a field.
	CountTerms(ctx context.Context, f Filter, t Terms) (TermCounts, error)
	// CountBins counts the sessions by the values of a date field, in bins of the
	// given width, which is a whole number of seconds. It returns the bins that are
	// not empty, in order, and no more of them than limit.
	CountBins(ctx context.Context, f Filter, field *query.Field, width time.Duration, limit int) ([]Bin, error)
}
