package audit

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// Bounds of an imported session.
const (
	maxKeyLength = 128
	maxBodySize  = 1 << 20 // as it is written in the line
	maxItems     = 100_000 // in each list
)

// Document is a recorded session and everything that belongs to it, in the
// shapes of the API. A list that is nil keeps what is stored already. Events and
// Content tell the same story and are replaced together, as soon as either is
// given.
type Document struct {
	Key string
	// Body is the session's body as decoded JSON: map[string]any, []any,
	// []string, string, bool, int, int64, json.Number and nil. Its links need
	// not be there: they are made. Compose owns the map from then on, and lets
	// go of the lists.
	Body                               map[string]any
	Channels, Alerts, Events, Indexing []map[string]any
	Content                            []Content
	Trail                              *store.Trail
}

// Content is a piece of what could be seen in a session.
type Content struct {
	ChannelID string
	RecordID  int64     // position in the trail
	Time      time.Time // in UTC
	Kind      query.Kind
	Text      string
}

// CheckKey says whether a session may have this key: 1 to 128 letters, digits
// and ". _ ~ -", so that it needs no escaping in a URL and is safe as the name of
// a directory.
func CheckKey(key string) error {
	if key == "" || len(key) > maxKeyLength {
		return fmt.Errorf("a key of 1 to %d characters is required", maxKeyLength)
	}
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '~', c == '-':
		default:
			return fmt.Errorf("key %q: expected letters, digits and . _ ~ - only", key)
		}
	}
	switch key {
	case ".", "..", "stats", "histogram", "_count", "_snapshot":
		return fmt.Errorf("key %q has a meaning of its own in the API's paths", key)
	}
	return nil
}

// Compose makes the session that is to be stored. It trusts the document to fit
// the contract, and fails only where the store could not take it.
func (d *Document) Compose() (store.Session, error) {
	if err := CheckKey(d.Key); err != nil {
		return store.Session{}, err
	}
	s := store.Session{Key: d.Key, Body: d.compose, Trail: d.Trail}
	var err error
	if s.Values, err = values(d.Body); err != nil {
		return s, fmt.Errorf("body.%w", err)
	}
	start, ok := s.Values[startTime].(time.Time)
	if !ok {
		return s, errors.New("body.start_time is required")
	}
	s.Start = start
	s.Revision, _ = s.Values[revision].(int64)
	if err := d.composeParts(&s); err != nil {
		return s, err
	}
	// The session holds on to d until its body is made, but no longer needs these.
	d.Channels, d.Alerts, d.Events, d.Indexing, d.Content = nil, nil, nil, nil, nil
	return s, nil
}

func (d *Document) composeParts(s *store.Session) error {
	events, content := d.Events, d.Content
	if events == nil && content != nil {
		events = []map[string]any{}
	}
	if content == nil && events != nil {
		content = []Content{}
	}
	for _, part := range []struct {
		name  string
		items []map[string]any
		into  *[]byte
	}{
		{"channels", d.Channels, &s.Channels},
		{"alerts", d.Alerts, &s.Alerts},
		{"events", events, &s.Events},
		{"indexing", d.Indexing, &s.Indexing},
	} {
		if part.items == nil {
			continue
		}
		if len(part.items) > maxItems {
			return fmt.Errorf("%s: more than %d items", part.name, maxItems)
		}
		var err error
		if *part.into, err = appendArray(nil, part.items); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if content == nil {
		return nil
	}
	if len(content) > maxItems {
		return fmt.Errorf("content: more than %d items", maxItems)
	}
	s.Content = appendContent(nil, content)
	s.Text = searchText(content, events)
	return nil
}

// searchText gathers the words by which full-text search finds the session: its
// content, and what its events say was run, opened or shown.
func searchText(content []Content, events []map[string]any) store.Text {
	var screen, command, title []byte
	add := func(kind query.Kind, text string) {
		switch kind {
		case query.Screen:
			screen = query.AppendRecord(screen, text)
		case query.Command:
			command = query.AppendRecord(command, text)
		default:
			title = query.AppendRecord(title, text)
		}
	}
	for i := range content {
		add(content[i].Kind, content[i].Text)
	}
	for _, event := range events {
		kind, _ := event["type"].(string)
		text, ok := event["action"].(string)
		if !ok {
			text, _ = event["content"].(string)
		}
		add(eventKind(kind), text)
	}
	return store.Text{Screen: string(screen), Command: string(command), Title: string(title)}
}

// eventKind says what kind of content an event of this type is.
func eventKind(eventType string) query.Kind {
	switch eventType {
	case "command":
		return query.Command
	case "screen_content":
		return query.Screen
	default:
		return query.Title
	}
}

// compose makes the stored body: the document's own, with the links that the
// session has.
func (d *Document) compose(links store.Links) ([]byte, error) {
	d.link(links)
	return appendJSON(make([]byte, 0, 2048), d.Body)
}

func (d *Document) link(links store.Links) {
	for _, part := range []string{"alerts", "channels", "events", "indexing"} {
		d.Body[part] = href(d.Key, part)
	}
	delete(d.Body, "trail_downloads")
	if links.Downloads {
		d.Body["trail_downloads"] = href(d.Key, "trail_downloads")
	}
	recording, _ := d.Body["recording"].(map[string]any)
	if !links.Trail {
		delete(recording, "audit_trail")
		return
	}
	if recording == nil {
		recording = make(map[string]any, 1)
		d.Body["recording"] = recording
	}
	given, _ := recording["audit_trail"].(map[string]any)
	recording["audit_trail"] = map[string]any{"archive": given["archive"], "download": href(d.Key, "audit_trail")}
}

func appendContent(dst []byte, content []Content) []byte {
	dst = append(dst, '[')
	for i := range content {
		c := &content[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"channel_id":`...), c.ChannelID)
		dst = appendString(append(dst, `,"kind":`...), string(c.Kind))
		dst = strconv.AppendInt(append(dst, `,"record_id":`...), c.RecordID, 10)
		dst = appendString(append(dst, `,"text":`...), c.Text)
		dst = c.Time.UTC().AppendFormat(append(dst, `,"time":"`...), "2006-01-02T15:04:05.000000Z")
		dst = append(dst, `"}`...)
	}
	return append(dst, ']')
}
