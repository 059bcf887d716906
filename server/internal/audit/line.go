package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/spskit/spskit/server/internal/query"
	"github.com/spskit/spskit/server/store"
)

// Validate checks a value of decoded JSON, whose numbers are json.Number,
// against a schema of the contract.
type Validate func(schema string, value any) error

// The schemas that lines are checked against.
const (
	schemaSession  = "Session"
	schemaChannel  = "Channel"
	schemaAlert    = "Alert"
	schemaEvent    = "Event"
	schemaIndexing = "IndexingJob"
)

// Line is one line of an import: a document, and the name of its trail file.
type Line struct {
	Document  Document
	TrailFile string // relative to the line's file, with slashes; "" for none
}

// ParseLine reads one line: a JSON object with the members "key", "body",
// "channels", "alerts", "events", "indexing", "content" and "trail". Only "key"
// and "body" are required; "channels" holds bodies of channels. validate may be
// nil for lines that are trusted.
func ParseLine(line []byte, validate Validate) (*Line, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return nil, describeJSON(err)
	}
	if members == nil {
		return nil, errors.New("expected a JSON object")
	}
	l := new(Line)
	d := &l.Document
	targets := []struct {
		name string
		into any
	}{
		{"key", &d.Key},
		{"body", &d.Body},
		{"channels", &d.Channels},
		{"alerts", &d.Alerts},
		{"events", &d.Events},
		{"indexing", &d.Indexing},
		{"trail", &l.TrailFile},
	}
	for _, t := range targets {
		raw, ok := members[t.name]
		if !ok {
			continue
		}
		delete(members, t.name)
		if t.name == "body" && len(raw) > maxBodySize {
			return nil, fmt.Errorf("body: more than %d bytes", maxBodySize)
		}
		if err := decodeJSON(raw, t.into); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, describeJSON(err))
		}
	}
	if raw, ok := members["content"]; ok {
		delete(members, "content")
		var err error
		if d.Content, err = parseContent(raw); err != nil {
			return nil, fmt.Errorf("content%w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		return nil, fmt.Errorf("unknown member %q", name)
	}
	if l.TrailFile != "" && !fs.ValidPath(l.TrailFile) {
		return nil, fmt.Errorf("trail: %q is not a relative path below the directory of the file", l.TrailFile)
	}
	if d.Body == nil {
		return nil, errors.New("body is required")
	}
	if validate == nil {
		return l, nil
	}
	return l, l.check(validate)
}

// check holds the document against the contract, as the API will show it.
func (l *Line) check(validate Validate) error {
	d := &l.Document
	if err := CheckKey(d.Key); err != nil {
		return err // before links that are made of it are found to be wrong
	}
	d.link(store.Links{Trail: l.TrailFile != ""})
	if err := validate(schemaSession, d.Body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	for _, list := range []struct {
		name, schema string
		items        []map[string]any
	}{
		{"channels", schemaChannel, d.Channels},
		{"alerts", schemaAlert, d.Alerts},
		{"events", schemaEvent, d.Events},
		{"indexing", schemaIndexing, d.Indexing},
	} {
		for i, item := range list.items {
			if item == nil {
				return fmt.Errorf("%s[%d]: expected an object", list.name, i)
			}
			if err := validate(list.schema, item); err != nil {
				return fmt.Errorf("%s[%d]: %w", list.name, i, err)
			}
		}
	}
	return nil
}

// parseContent decodes strictly: a misspelt member would be lost otherwise. The
// error begins with the index of the offending element.
func parseContent(raw []byte) ([]Content, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, fmt.Errorf(": %w", describeJSON(err))
	}
	if items == nil {
		return nil, nil
	}
	content := make([]Content, len(items))
	for i, item := range items {
		if err := content[i].parse(item); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return content, nil
}

func (c *Content) parse(raw []byte) error {
	var given struct {
		ChannelID string     `json:"channel_id"`
		RecordID  int64      `json:"record_id"`
		Time      string     `json:"time"`
		Kind      query.Kind `json:"kind"`
		Text      string     `json:"text"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		return describeJSON(err)
	}
	switch given.Kind {
	case query.Screen, query.Command, query.Title:
	default:
		return fmt.Errorf("kind: expected %q, %q or %q, not %q", query.Screen, query.Command, query.Title, given.Kind)
	}
	t, err := query.ParseDate(given.Time)
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	*c = Content{ChannelID: given.ChannelID, RecordID: given.RecordID, Time: t, Kind: given.Kind, Text: given.Text}
	return nil
}

// describeJSON words the errors of encoding/json without the names of Go types.
func describeJSON(err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("malformed JSON at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &mismatch):
		return fmt.Errorf("found a JSON %s where it does not belong", mismatch.Value)
	default:
		return err
	}
}
