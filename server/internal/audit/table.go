package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
)

// Table says which columns sessions have as CSV, besides their key.
type Table struct {
	columns []column
	root    branch
}

// column is a value of the body.
type column struct {
	path  string
	field *query.Field // nil for what cannot be searched
}

// branch is an object of the body in which columns are.
type branch struct{ members []tableMember }

type tableMember struct {
	name   string
	column int     // if branch is nil
	branch *branch // further down
}

// newTable makes the table for a list of known fields: an object stands for the
// search fields in it, ordered by path, and "*" for all of them. No column is
// there twice.
func newTable(names []string) *Table {
	t := new(Table)
	for _, name := range names {
		found := false
		for i := range query.Fields {
			path := query.Fields[i].Path
			if name == "*" || path == name || strings.HasPrefix(path, name) && path[len(name)] == '.' {
				t.add(column{path, &query.Fields[i]})
				found = true
			}
		}
		if !found && !isObject[name] {
			t.add(column{path: name})
		}
	}
	return t
}

// isObject has the paths of all objects of a body, except those whose members
// are not known.
var isObject = objectPaths()

func objectPaths() map[string]bool {
	objects := make(map[string]bool)
	for path := range known {
		if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
			objects[path[:dot]] = true
		}
	}
	return objects
}

func (t *Table) add(c column) {
	names := strings.Split(c.path, ".")
	b := &t.root
	for _, name := range names[:len(names)-1] {
		m := b.find([]byte(name))
		if m == nil {
			b.members = append(b.members, tableMember{name: name, branch: new(branch)})
			m = &b.members[len(b.members)-1]
		}
		b = m.branch
	}
	if leaf := names[len(names)-1]; b.find([]byte(leaf)) == nil {
		b.members = append(b.members, tableMember{name: leaf, column: len(t.columns)})
		t.columns = append(t.columns, c)
	}
}

func (b *branch) find(name []byte) *tableMember {
	for i := range b.members {
		if m := &b.members[i]; m.name == string(name) {
			return m
		}
	}
	return nil
}

// collect puts the values of the columns into cells as they are written in the
// body, whose object begins at i. It returns the index after the object, or -1
// when it is malformed.
func (b *branch) collect(cells [][]byte, body []byte, i int) int {
	return members(body, i, func(name []byte, at int) int {
		m := b.find(name)
		if m == nil {
			return skipValue(body, at)
		}
		if m.branch != nil {
			if at < len(body) && body[at] == '{' {
				return m.branch.collect(cells, body, at)
			}
			return skipValue(body, at)
		}
		end := skipValue(body, at)
		if end >= 0 {
			cells[m.column] = body[at:end]
		}
		return end
	})
}

// tableWriter writes one line after the other.
type tableWriter struct {
	w     io.Writer
	table *Table
	cells [][]byte // reused from line to line, like line
	line  []byte
}

func (t *tableWriter) header() error {
	t.cells = make([][]byte, len(t.table.columns))
	t.line = append(t.line[:0], "key"...)
	for _, c := range t.table.columns {
		t.line = append(append(t.line, ','), c.path...)
	}
	_, err := t.w.Write(append(t.line, "\r\n"...))
	return err
}

func (t *tableWriter) write(key string, body []byte) error {
	clear(t.cells)
	if len(t.cells) > 0 {
		if start := skipSpace(body, 0); t.table.root.collect(t.cells, body, start) < 0 {
			return fmt.Errorf("session %s: %w", key, errMalformed)
		}
	}
	line := appendCell(t.line[:0], key)
	for i := range t.cells {
		line = append(line, ',')
		if t.cells[i] == nil {
			continue
		}
		text, err := t.table.columns[i].text(t.cells[i])
		if err != nil {
			return fmt.Errorf("session %s, %s: %w", key, t.table.columns[i].path, err)
		}
		line = appendCell(line, text)
	}
	line = append(line, "\r\n"...)
	t.line = line
	_, err := t.w.Write(line)
	return err
}

// text is what a cell says of a value. Values that cannot be searched and are no
// text stay JSON.
func (c *column) text(raw []byte) (string, error) {
	switch raw[0] {
	case '"':
		s, err := unquote(raw)
		if err != nil || c.field == nil {
			return s, err
		}
		return c.canonical(s), nil
	case 'n':
		return "", nil
	case '[':
		if c.field == nil {
			return string(raw), nil
		}
		var list []string
		var failed error
		err := elements(raw, func(element []byte) {
			s, err := unquote(element)
			failed = errors.Join(failed, err)
			list = append(list, s)
		})
		return strings.Join(list, "; "), errors.Join(err, failed)
	default:
		return string(raw), nil
	}
}

// canonical writes dates and addresses in their one form.
func (c *column) canonical(s string) string {
	switch c.field.Type {
	case query.Date:
		if t, err := query.ParseDate(s); err == nil {
			return FormatTime(t)
		}
	case query.IP:
		if ip, err := netip.ParseAddr(s); err == nil {
			return ip.Unmap().WithZone("").String()
		}
	case query.Keyword, query.Long, query.Bool:
	}
	return s
}

// unquote returns the text of a JSON string.
func unquote(raw []byte) (string, error) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", errMalformed
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", errMalformed
	}
	return s, nil
}
