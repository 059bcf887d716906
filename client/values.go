package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// stamp reads a point in time in every form that the API has for one: ISO 8601 with
// a zone, or without one, which means UTC, and seconds of UNIX time, which channels
// have and versions before 5 LTS had everywhere. Null and "" are the zero time.
type stamp struct{ time.Time }

// UnmarshalJSON is called by encoding/json.
func (s *stamp) UnmarshalJSON(value []byte) error {
	if len(value) == 0 || value[0] != '"' {
		var seconds *int64
		if err := json.Unmarshal(value, &seconds); err != nil {
			return fmt.Errorf("%q is no time", shorten(string(value)))
		}
		if seconds != nil {
			s.Time = time.Unix(*seconds, 0).UTC()
		}
		return nil
	}
	text, err := textOf(value)
	if err != nil || text == "" {
		return err
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			s.Time = t
			return nil
		}
	}
	return fmt.Errorf("%q is no time", shorten(text))
}

// pointer is the time, or nil where there is none.
func (s stamp) pointer() *time.Time {
	if s.IsZero() {
		return nil
	}
	return &s.Time
}

// textOf decodes a JSON string. Most have no escapes, and are decoded by cutting off
// their quotes: encoding/json has checked them already.
func textOf(value []byte) (text string, err error) {
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), nil
	}
	err = json.Unmarshal(value, &text)
	return text, err
}

// seconds reads a length of time that is given in seconds.
type seconds int64

func (s seconds) duration() time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(min(max(int64(s), -most), most)) * time.Second
}

// texts reads one text or a list of them.
type texts []string

// UnmarshalJSON is called by encoding/json.
func (t *texts) UnmarshalJSON(value []byte) error {
	if len(value) > 0 && value[0] == '"' {
		text, err := textOf(value)
		*t = texts{text}
		return err
	}
	return json.Unmarshal(value, (*[]string)(t))
}

// onlyTexts reads a list and leaves out what is no text. None of it is worth to lose
// the whole page that it is on.
type onlyTexts []string

// UnmarshalJSON is called by encoding/json.
func (t *onlyTexts) UnmarshalJSON(value []byte) error {
	var items []any
	if err := json.Unmarshal(value, &items); err != nil || items == nil {
		return nil //nolint:nilerr // no list at all
	}
	*t = make(onlyTexts, 0, len(items))
	for _, item := range items {
		if text, ok := item.(string); ok {
			*t = append(*t, text)
		}
	}
	return nil
}

// keep copies JSON that belongs to somebody else.
func keep(value []byte) json.RawMessage { return append(json.RawMessage(nil), value...) }

// orNull is raw, or null if there is nothing in it.
func orNull(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}
