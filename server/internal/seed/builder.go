package seed

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spskit/spskit/server/internal/query"
)

// builder writes the canonical JSON of a body, and collects its searchable
// values on the way. Members have to come in the order of their names, which is
// also the order of query.Fields: so the two cannot disagree, and finding a
// field is a step ahead in the registry.
type builder struct {
	json   []byte
	values []any
	field  int // index of the next field in query.Fields
}

// reset starts a new body, with fresh values; it keeps the buffer.
func (b *builder) reset() {
	b.json = append(b.json[:0], '{')
	b.values = make([]any, len(query.Fields))
	b.field = 0
}

// set stores the value of the field at path, which comes after the ones before.
func (b *builder) set(path string, value any) {
	for query.Fields[b.field].Path != path {
		b.field++ // beyond the end when the path is unknown or out of order
	}
	b.values[b.field] = value
}

// name begins a member: the last part of path.
func (b *builder) name(path string) {
	if b.json[len(b.json)-1] != '{' {
		b.json = append(b.json, ',')
	}
	b.json = append(b.json, '"')
	b.json = append(b.json, path[strings.LastIndexByte(path, '.')+1:]...)
	b.json = append(b.json, '"', ':')
}

func (b *builder) open(path string) {
	b.name(path)
	b.json = append(b.json, '{')
}

func (b *builder) close() { b.json = append(b.json, '}') }

func (b *builder) string(path, value string) {
	b.set(path, value)
	b.name(path)
	b.json = appendString(b.json, value)
}

func (b *builder) number(path string, value int64) {
	b.set(path, value)
	b.name(path)
	b.json = strconv.AppendInt(b.json, value, 10)
}

func (b *builder) boolean(path string, value bool) {
	b.set(path, value)
	b.name(path)
	b.json = strconv.AppendBool(b.json, value)
}

func (b *builder) time(path string, value time.Time) {
	b.set(path, value)
	b.name(path)
	b.json = appendTime(b.json, value)
}

// raw writes a member that is JSON already and cannot be searched.
func (b *builder) raw(name string, value []byte) {
	b.name(name)
	b.json = append(b.json, value...)
}

// score is an object of one number.
func (b *builder) score(name, path string, value int64) {
	b.open(name)
	b.number(path, value)
	b.close()
}

func (b *builder) addr(path string, value netip.Addr) {
	b.set(path, value)
	b.name(path)
	b.json = append(b.json, '"')
	b.json = value.AppendTo(b.json)
	b.json = append(b.json, '"')
}

func (b *builder) list(path string, values []string) {
	if len(values) > 0 {
		b.set(path, values)
	}
	b.name(path)
	b.json = append(b.json, '[')
	for i, v := range values {
		if i > 0 {
			b.json = append(b.json, ',')
		}
		b.json = appendString(b.json, v)
	}
	b.json = append(b.json, ']')
}

// link is a member that says where something is.
func (b *builder) link(name, key, below string) {
	b.open(name)
	b.name("href")
	b.json = append(b.json, `"/api/audit/sessions/`...)
	b.json = append(b.json, key...)
	b.json = append(b.json, '/')
	b.json = append(b.json, below...)
	b.json = append(b.json, '"', '}')
}

// appendString writes a string of printable characters.
func appendString(dst []byte, s string) []byte { return appendStrings(dst, s) }

// appendStrings writes several as one.
func appendStrings(dst []byte, parts ...string) []byte {
	dst = append(dst, '"')
	for _, s := range parts {
		for i := range len(s) {
			if s[i] == '"' || s[i] == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, s[i])
		}
	}
	return append(dst, '"')
}

// appendTime writes a time of sessions, which are whole milliseconds.
func appendTime(dst []byte, t time.Time) []byte {
	return t.AppendFormat(dst, `"2006-01-02T15:04:05.000Z"`)
}
