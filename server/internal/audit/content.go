package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// Hit is a record of a session's content that matches.
type Hit struct {
	ChannelID string
	RecordID  int64 // position in the trail
	Time      time.Time
	Kind      query.Kind
	Text      string   // all of it
	Matched   []string // the pieces of Text that match
}

// Hits is one page of the matches in a session's content.
type Hits struct {
	Paging
	Items []Hit // in the order of the trail
}

// SearchContent finds the records of a session's content that match an expression
// of the content language; none if it is empty. What the session's events say was
// run, opened or shown is content, too: the session is found by it. A wrong
// expression gives a *QueryError; store.ErrNotFound when there is no such session.
func (s *Service) SearchContent(ctx context.Context, key, q string, w Window) (Hits, error) {
	page := Hits{Paging: Paging{Window: w}}
	wanted, err := query.ParseContent(q)
	if err != nil {
		return page, syntaxError("q", q, err)
	}
	err = s.limited(ctx, fmt.Sprintf("search session %q", key), func(ctx context.Context) error {
		found := finder{ctx: ctx, wanted: wanted}
		if err := s.find(&found, key); err != nil {
			return err
		}
		page.Count = len(found.hits)
		from := min(w.Offset, page.Count)
		for _, f := range found.hits[from:min(from+w.Limit, page.Count)] {
			h, err := f.hit()
			if err != nil {
				return err
			}
			page.Items = append(page.Items, h)
		}
		return nil
	})
	return page, err
}

// find gathers the hits of a session.
func (s *Service) find(f *finder, key string) error {
	content, err := s.sessions.SessionPart(f.ctx, key, store.PartContent)
	if err != nil {
		return err
	}
	if _, nothing := f.wanted.(query.All); nothing {
		return nil
	}
	if err := f.search(content, contentShape); err != nil {
		return err
	}
	events, err := s.sessions.SessionPart(f.ctx, key, store.PartEvents)
	if err != nil {
		return err
	}
	if err := f.search(events, eventShape); err != nil {
		return err
	}
	// What both lists tell comes once, as the content has it.
	slices.SortStableFunc(f.hits, foundRecord.compare)
	f.hits = slices.CompactFunc(f.hits, func(a, b foundRecord) bool { return a.compare(b) == 0 })
	return nil
}

// shape says how the records of a list are written.
type shape struct {
	kind             string // name of a member, like the next two
	text, substitute string // the second one counts where the first is missing
	kindOf           func(string) query.Kind
}

var (
	contentShape = &shape{"kind", "text", "", func(kind string) query.Kind { return query.Kind(kind) }}
	eventShape   = &shape{"type", "action", "content", eventKind}
)

// finder searches lists of records.
type finder struct {
	ctx    context.Context //nolint:containedctx // a finder lives as long as one call
	wanted query.Expr
	hits   []foundRecord
	seen   int
}

// foundRecord is a hit of which only as much has been decoded as finding it took.
type foundRecord struct {
	raw      []byte
	channel  string
	recordID int64
	kind     query.Kind
	text     string
	matched  []string
}

func (r foundRecord) compare(other foundRecord) int {
	return cmp.Or(
		cmp.Compare(r.recordID, other.recordID), cmp.Compare(r.channel, other.channel),
		cmp.Compare(r.kind, other.kind), cmp.Compare(r.text, other.text))
}

// checkEvery is how many records are searched until the time is checked again.
const checkEvery = 64

func (f *finder) search(list []byte, as *shape) error {
	var failed error
	err := elements(list, func(raw []byte) {
		if f.seen++; f.seen%checkEvery == 0 && failed == nil {
			failed = f.ctx.Err()
		}
		if failed == nil {
			failed = f.record(raw, as)
		}
	})
	return cmp.Or(failed, err)
}

func (f *finder) record(raw []byte, as *shape) error {
	r := foundRecord{raw: raw}
	var kind string
	var failed error
	decode := func(into *string, at int) int {
		end := skipValue(raw, at)
		if end >= 0 && raw[at] == '"' {
			*into, failed = unquote(raw[at:end])
		}
		return end
	}
	substitute := ""
	hasText := false
	end := members(raw, 0, func(name []byte, at int) int {
		if failed != nil {
			return -1
		}
		switch string(name) {
		case as.kind:
			return decode(&kind, at)
		case as.text:
			hasText = true
			return decode(&r.text, at)
		case as.substitute:
			return decode(&substitute, at)
		default:
			return skipValue(raw, at)
		}
	})
	if failed != nil || end < 0 {
		return errMalformed
	}
	if !hasText {
		r.text = substitute
	}
	r.kind = as.kindOf(kind)
	var ok bool
	if r.matched, ok = query.FindContent(f.wanted, r.kind, r.text); !ok {
		return nil
	}
	var place struct {
		ChannelID  string `json:"channel_id"`
		ChannelsID string `json:"channels_id"` // as events call it
		RecordID   int64  `json:"record_id"`
	}
	if err := json.Unmarshal(raw, &place); err != nil {
		return errMalformed
	}
	r.channel, r.recordID = cmp.Or(place.ChannelID, place.ChannelsID), place.RecordID
	f.hits = append(f.hits, r)
	return nil
}

// hit decodes the rest of a found record. The times of events have no zone: they
// are in UTC.
func (r *foundRecord) hit() (Hit, error) {
	h := Hit{ChannelID: r.channel, RecordID: r.recordID, Kind: r.kind, Text: r.text, Matched: r.matched}
	var given struct{ Time string }
	err := json.Unmarshal(r.raw, &given)
	if err == nil {
		h.Time, err = query.ParseDate(given.Time)
	}
	if err != nil {
		return h, fmt.Errorf("time of record %d: %w", r.recordID, err)
	}
	return h, nil
}
