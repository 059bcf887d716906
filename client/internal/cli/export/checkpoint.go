package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"time"

	"github.com/spskit/spskit/client/internal/cli/private"
)

const version = 1

// Definition is what an export is about. A checkpoint is good for one only.
type Definition struct {
	URL    string   `json:"url"`
	Query  string   `json:"query"`
	Format string   `json:"format"`
	Fields []string `json:"fields"`
	File   string   `json:"file"` // absolute; empty for standard output
}

// Checkpoint is how far an export has come.
type Checkpoint struct {
	Version    int        `json:"version"`
	Definition Definition `json:"export"`
	Since      time.Time  `json:"since,omitzero"`     // sessions that began earlier are left out
	Watermark  time.Time  `json:"watermark,omitzero"` // latest end of a session that was exported
	Exported   int64      `json:"exported"`           // sessions, of all runs
	Offset     int64      `json:"offset"`             // bytes, of all runs

	// Remembered are the keys of the sessions that were exported and have ended since
	// RememberedSince, and their ends.
	RememberedSince time.Time            `json:"remembered_since,omitzero"`
	Remembered      map[string]time.Time `json:"remembered"`
}

// New is the checkpoint of an export that has not begun.
func New(d Definition, since time.Time) *Checkpoint {
	return &Checkpoint{Version: version, Definition: d, Since: since, Remembered: map[string]time.Time{}}
}

// ErrOther says that a checkpoint is of another export.
var ErrOther = errors.New("the checkpoint is of another export")

// ErrUnreadable says that a file is no checkpoint that this version can read.
var ErrUnreadable = errors.New("the file is no checkpoint")

// Load reads the checkpoint of an export. It returns nil if there is no file.
func Load(path string, d Definition) (*Checkpoint, error) {
	text, err := private.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrUnreadable, err)
	}
	if c.Version != version || c.Offset < 0 {
		return nil, fmt.Errorf("%s: %w that this version of spsctl can read", path, ErrUnreadable)
	}
	if err := c.Definition.differs(d); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.Remembered == nil {
		c.Remembered = map[string]time.Time{}
	}
	return c, nil
}

// differs tells in what another export differs.
func (d Definition) differs(other Definition) error {
	for _, part := range []struct {
		name      string
		was, asks any
	}{
		{"URL", d.URL, other.URL},
		{"query", d.Query, other.Query},
		{"format", d.Format, other.Format},
		{"list of fields", d.Fields, other.Fields},
		{"file", d.File, other.File},
	} {
		if !reflect.DeepEqual(part.was, part.asks) {
			return fmt.Errorf("%w: its %s is %q, and this one's %q", ErrOther, part.name, part.was, part.asks)
		}
	}
	return nil
}

// Save puts the checkpoint into the place of the one before.
func (c *Checkpoint) Save(path string) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return private.Write(path, append(text, '\n'))
}

// from is the end of the earliest session that may be missing: the overlap reaches back
// no further than memory does. It is zero if any session may be.
func (c *Checkpoint) from(overlap time.Duration) time.Time {
	if c.Watermark.IsZero() {
		return time.Time{}
	}
	from := c.Watermark.Add(-overlap)
	if from.Before(c.RememberedSince) {
		from = c.RememberedSince
	}
	return from.Truncate(time.Microsecond) // which is as exactly as queries can say it
}

// add takes note of a session that is being exported.
func (c *Checkpoint) add(key string, end time.Time) {
	if end.After(c.Watermark) {
		c.Watermark = end
	}
	c.Remembered[key] = end
	c.Exported++
}

// forget drops what no later run asks for.
func (c *Checkpoint) forget(overlap time.Duration) {
	from := c.from(overlap)
	maps.DeleteFunc(c.Remembered, func(_ string, end time.Time) bool { return end.Before(from) })
	c.RememberedSince = from
}
