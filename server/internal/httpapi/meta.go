package httpapi

import (
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/spskit/spskit/server/internal/audit"
	"github.com/spskit/spskit/server/internal/config"
)

const transactionPath = "/api/transaction"

// objectMeta is the meta of a resource that stands alone. A link that is ""
// is null on the wire.
type objectMeta struct {
	Changes          string  `json:"changes,omitempty"`
	Href             string  `json:"href"`
	Parent           *string `json:"parent,omitempty"`
	RemainingSeconds *int    `json:"remaining_seconds,omitempty"`
	Transaction      string  `json:"transaction,omitempty"`
}

func (x *exchange) meta(href, parent string) objectMeta {
	m := objectMeta{Href: href, RemainingSeconds: x.remainingMember()}
	if parent != "" {
		m.Parent = &parent
	}
	return m
}

// remainingMember is remaining_seconds, which an anonymous client does not have.
func (x *exchange) remainingMember() *int {
	if !x.loggedIn() {
		return nil
	}
	seconds := x.remainingSeconds()
	return &seconds
}

// link is a URL reference on the wire: null when empty. It is escaped as URLs
// are, which leaves nothing for JSON to escape.
type link string

// MarshalJSON keeps the ampersands, which json.Marshal would escape.
func (l link) MarshalJSON() ([]byte, error) {
	if l == "" {
		return []byte("null"), nil
	}
	return []byte(`"` + l + `"`), nil
}

// siblingMeta is the meta of a configuration resource: its neighbours among the
// children of its parent.
type siblingMeta struct {
	First            link   `json:"first"`
	Href             string `json:"href"`
	Last             link   `json:"last"`
	Next             link   `json:"next"`
	Parent           link   `json:"parent"`
	Previous         link   `json:"previous"`
	RemainingSeconds *int   `json:"remaining_seconds,omitempty"`
	Transaction      string `json:"transaction"`
}

// configurationMeta is the meta of a node of the configuration. Below
// /api/configuration it has the node's neighbours, elsewhere not.
func (x *exchange) configurationMeta(href string, l config.Links) any {
	if !strings.HasPrefix(href, configurationPaths[0]) {
		m := x.meta(href, path.Dir(href))
		if m.Transaction = transactionPath; path.Dir(href) == "/api" {
			m.Transaction = "" // a category outside of the configuration is but a list
		}
		return m
	}
	return siblingMeta{
		First: link(l.First), Href: href, Last: link(l.Last), Next: link(l.Next),
		Parent: link(l.Parent), Previous: link(l.Previous),
		RemainingSeconds: x.remainingMember(), Transaction: transactionPath,
	}
}

// pageMeta is the meta of a list that is read in pages.
type pageMeta struct {
	First            link   `json:"first"`
	Href             string `json:"href"`
	Last             link   `json:"last"`
	Limit            int    `json:"limit"`
	MatchCount       int    `json:"match_count"`
	Next             link   `json:"next"`
	Offset           int    `json:"offset"`
	Parent           string `json:"parent"`
	Previous         link   `json:"previous"`
	RemainingSeconds int    `json:"remaining_seconds"`
}

// pages builds the meta of one page. suffix is what follows limit and offset in
// every page link, such as "&fields=*".
func (x *exchange) pages(href, parent string, p audit.Paging, suffix string) pageMeta {
	at := func(offset int) link {
		return link(href + "?limit=" + strconv.Itoa(p.Limit) + "&offset=" + strconv.Itoa(offset) + suffix)
	}
	m := pageMeta{
		First: at(0), Href: href, Last: at(p.Last()), Limit: p.Limit, MatchCount: p.Count,
		Offset: p.Offset, Parent: parent, RemainingSeconds: x.remainingSeconds(),
	}
	if next, ok := p.Next(); ok {
		m.Next = at(next)
	}
	if previous, ok := p.Previous(); ok {
		m.Previous = at(previous)
	}
	return m
}

// snapshotMeta is the meta of a list that is read in a snapshot, where pages only
// go forward.
type snapshotMeta struct {
	Fields           []string `json:"fields"`
	First            link     `json:"first"`
	Href             string   `json:"href"`
	Last             link     `json:"last"`
	Limit            int      `json:"limit"`
	Next             link     `json:"next"`
	Parent           string   `json:"parent"`
	Previous         link     `json:"previous"`
	RemainingSeconds int      `json:"remaining_seconds"`
	SearchAfter      *string  `json:"search_after"`
}

// snapshotPage builds the meta of a page that has been written already.
func (x *exchange) snapshotPage(href, parent string, p *audit.Result, suffix string) snapshotMeta {
	m := snapshotMeta{
		Fields: p.Names(), Href: href, Limit: p.Limit, Parent: parent, RemainingSeconds: x.remainingSeconds(),
	}
	if after := p.After(); after != "" {
		m.SearchAfter = &after
	}
	if next := p.NextAfter(); next != "" { // a key that URLs take as it is
		m.Next = link(href + "?limit=" + strconv.Itoa(p.Limit) + suffix +
			"&snapshot=" + url.QueryEscape(p.Snapshot()) + "&search_after=" + next)
	}
	return m
}

// listMeta is the meta of a list of sessions.
type listMeta struct {
	Fields []string `json:"fields"`
	pageMeta
}

// statisticsMeta is the meta of statistics.
type statisticsMeta struct {
	Field            string  `json:"field"`
	Href             string  `json:"href"`
	MatchCount       int     `json:"match_count"`
	MissingCount     int     `json:"missing_count"`
	OtherCount       int     `json:"other_count"`
	Parent           string  `json:"parent"`
	RemainingSeconds int     `json:"remaining_seconds"`
	Size             int     `json:"size"`
	SubFields        *string `json:"sub_fields"`
}

func (x *exchange) statistics(href, parent string, s *audit.Statistics) statisticsMeta {
	m := statisticsMeta{
		Field: s.Field.Path, Href: href, MatchCount: s.Total, MissingCount: s.Missing, OtherCount: s.Other,
		Parent: parent, RemainingSeconds: x.remainingSeconds(), Size: s.Size,
	}
	if s.Sub != nil {
		m.SubFields = &s.Sub.Path
	}
	return m
}

// histogramMeta is the meta of a histogram.
type histogramMeta struct {
	BinSize          string  `json:"bin-size"`
	End              *string `json:"end"`
	Field            string  `json:"field"`
	Href             string  `json:"href"`
	MatchCount       int     `json:"match_count"`
	Parent           string  `json:"parent"`
	RemainingSeconds int     `json:"remaining_seconds"`
	Start            *string `json:"start"`
	TimeZone         string  `json:"time_zone"`
}

func (x *exchange) histogram(href, parent string, h *audit.Histogram) histogramMeta {
	given := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		text := audit.FormatTime(t)
		return &text
	}
	return histogramMeta{
		BinSize: h.BinSize, End: given(h.End), Field: h.Field.Path, Href: href, MatchCount: h.Total,
		Parent: parent, RemainingSeconds: x.remainingSeconds(), Start: given(h.Start), TimeZone: "UTC",
	}
}

// keptParameters are the query parameters that a page link repeats after limit,
// offset and fields, in this order.
var keptParameters = []string{"q", "content", "start", "end", "sort", "format"}

// searchSuffix repeats the query parameters of a search in its page links.
func searchSuffix(fields string, given url.Values) string {
	suffix := "&fields=" + escapeFields(fields)
	for _, name := range keptParameters {
		if value := given.Get(name); value != "" {
			suffix += "&" + name + "=" + url.QueryEscape(value)
		}
	}
	return suffix
}

// contentSuffix repeats the expression of a search in the content of a session.
func contentSuffix(q string) string {
	if q == "" {
		return ""
	}
	return "&q=" + url.QueryEscape(q)
}

// nextPage is the Link header that leads to a page.
func nextPage(l link) string { return "<" + string(l) + `>; rel="next"` }

// escapeFields leaves alone what the documented links do: stars and commas.
func escapeFields(fields string) string {
	escaped := make([]byte, 0, len(fields))
	for i := range len(fields) {
		switch c := fields[i]; {
		case c == '*' || c == ',' || c == '.' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			escaped = append(escaped, c)
		default:
			escaped = append(escaped, url.QueryEscape(string(c))...)
		}
	}
	return string(escaped)
}
