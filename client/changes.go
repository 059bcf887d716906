package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// ChangeType says what a pending change does. Values that this package doesn't know
// are kept as they came.
type ChangeType string

// The types that the contract lists.
const (
	ChangeCreate  ChangeType = "create"
	ChangeDelete  ChangeType = "delete"
	ChangeReorder ChangeType = "reorder"
	ChangeReplace ChangeType = "replace"
)

// Change is a pending change.
type Change struct {
	Type     ChangeType      `json:"type"`
	Path     string          `json:"path"`                // of a resource; after # of a value in it
	OldValue json.RawMessage `json:"old_value,omitempty"` // of a replacement or deletion
	NewValue json.RawMessage `json:"new_value,omitempty"` // of a replacement or creation
	OldOrder []string        `json:"old_order,omitempty"` // of a reordering: keys
	NewOrder []string        `json:"new_order,omitempty"` // of a reordering: keys
}

// String tells the change in one line.
func (ch Change) String() string {
	text := string(ch.Type) + " " + ch.Path
	switch ch.Type {
	case ChangeCreate:
		text += fmt.Sprintf(": %s", ch.NewValue)
	case ChangeDelete:
		text += fmt.Sprintf(": %s", ch.OldValue)
	case ChangeReplace:
		text += fmt.Sprintf(": %s -> %s", ch.OldValue, ch.NewValue)
	case ChangeReorder:
		text += fmt.Sprintf(": %q -> %q", ch.OldOrder, ch.NewOrder)
	}
	return printable(text)
}

// Changes lists what a commit of the transaction that this login has open would change.
// Without one there is nothing.
func (c *Client) Changes(ctx context.Context) ([]Change, error) { return c.scope().changes(ctx) }

// Changes lists what a commit would change.
func (tx *Tx) Changes(ctx context.Context) ([]Change, error) { return tx.scope().changes(ctx) }

func (s scope) changes(ctx context.Context) ([]Change, error) {
	document := member[[]Change]{name: "changes"}
	err := s.request(ctx, "listTransactionChanges", http.MethodGet, "/api/transaction/changes", nil, &document)
	return document.value, err
}

// Diff shows what a commit would change, in the manner of a unified diff; see
// FormatDiff.
func (tx *Tx) Diff(ctx context.Context) (string, error) {
	changes, err := tx.Changes(ctx)
	return FormatDiff(changes), err
}

// FormatDiff shows changes to people, in the manner of a unified diff: for each resource
// a header, and below it the values that go and those that come. Without changes it is
// empty.
//
//	--- /api/configuration/vnc/options
//	+++ /api/configuration/vnc/options
//	-service/log_level: 4
//	+service/log_level: 6
//
// Of a resource that comes or goes as a whole, the other side is /dev/null. The text
// holds no control characters but line feeds.
func FormatDiff(changes []Change) string {
	var b strings.Builder
	last := ""
	for _, ch := range changes {
		path, member, _ := strings.Cut(ch.Path, "#")
		before, after := path, path
		if member == "" {
			switch ch.Type {
			case ChangeCreate:
				before = "/dev/null"
			case ChangeDelete:
				after = "/dev/null"
			}
		}
		if header := fmt.Sprintf("--- %s\n+++ %s\n", clean(before), clean(after)); header != last {
			b.WriteString(header)
			last = header
		}
		if member != "" {
			member = clean(member) + ": "
		}
		switch ch.Type {
		case ChangeCreate, ChangeDelete, ChangeReplace:
			diffLines(&b, '-', member, ch.OldValue)
			diffLines(&b, '+', member, ch.NewValue)
		case ChangeReorder:
			fmt.Fprintf(&b, "-%sorder: %s\n", member, clean(strings.Join(ch.OldOrder, ", ")))
			fmt.Fprintf(&b, "+%sorder: %s\n", member, clean(strings.Join(ch.NewOrder, ", ")))
		default:
			fmt.Fprintf(&b, " %s\n", clean(ch.String()))
		}
	}
	return b.String()
}

// diffLines writes a value, which may take several lines, if there is one.
func diffLines(b *strings.Builder, sign byte, name string, value json.RawMessage) {
	if value == nil {
		return
	}
	var indented bytes.Buffer
	if json.Indent(&indented, value, "", "  ") != nil {
		indented.Reset()
		indented.Write(value)
	}
	for line := range strings.SplitSeq(name+indented.String(), "\n") {
		fmt.Fprintf(b, "%c%s\n", sign, clean(line))
	}
}
