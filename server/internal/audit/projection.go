package audit

import (
	"fmt"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
)

// Bounds of the fields parameter.
const (
	maxFields       = 64
	maxFieldsLength = 4096
)

// Projection says how much of a session's body a list shows. The zero Projection
// shows no body at all.
type Projection struct {
	names []string
	all   bool
	root  *node
}

// node is an object of which some members are wanted; nil stands for a value
// that is wanted as a whole.
type node struct{ members []member }

type member struct {
	name   string
	prefix string // the name as JSON, and the colon
	node   *node
}

// ParseFields compiles the fields parameter: empty for no body, "*" for the whole
// body, or a comma-separated list of dotted paths to values and objects of the
// body. Order, repetition and overlap of the paths make no difference. The error
// is a *QueryError.
func ParseFields(value string) (Projection, error) {
	if len(value) > maxFieldsLength {
		return Projection{}, &QueryError{"fields", value[:64] + "...", fmt.Sprintf("at most %d bytes", maxFieldsLength), maxFieldsLength}
	}
	var p Projection
	if strings.Trim(value, " ") == "" {
		return p, nil
	}
	root := new(node)
	for path, position := range commaList(value) {
		switch {
		case len(p.names) == maxFields:
			return Projection{}, &QueryError{"fields", value, fmt.Sprintf("at most %d fields", maxFields), position}
		case path == "*":
			p.all = true
		case !known[path]:
			return Projection{}, &QueryError{"fields", value, "the path of a field or of an object of fields", position}
		default:
			root.add(path)
		}
		p.names = append(p.names, path)
	}
	if !p.all {
		p.root = root
	}
	return p, nil
}

// Names returns the fields as they were asked for.
func (p *Projection) Names() []string { return p.names }

// None reports whether items have no body.
func (p *Projection) None() bool { return len(p.names) == 0 }

// All reports whether items have their whole body.
func (p *Projection) All() bool { return p.all }

// Append appends what the projection shows of a stored body. Members keep their
// order; an object of which nothing is shown is left out.
func (p *Projection) Append(dst, body []byte) ([]byte, error) {
	if p.all {
		return append(dst, body...), nil
	}
	if p.root == nil {
		return append(dst, "{}"...), nil
	}
	start := skipSpace(body, 0)
	if start >= len(body) || body[start] != '{' {
		return nil, errMalformed
	}
	dst, end := p.root.append(append(dst, '{'), body, start)
	if end < 0 {
		return nil, errMalformed
	}
	return append(dst, '}'), nil
}

// append appends the wanted members of the object that begins at body[i], and
// returns the index after the object, or -1 when it is malformed. Names are
// compared as they are written: canonical JSON escapes no name of the contract.
func (n *node) append(dst, body []byte, i int) ([]byte, int) {
	first := len(dst)
	for i = skipSpace(body, i+1); i < len(body) && body[i] == '"'; {
		end := skipString(body, i)
		if end < 0 {
			return dst, -1
		}
		wanted := n.find(body[i+1 : end-1])
		i = skipSpace(body, end)
		if i >= len(body) || body[i] != ':' {
			return dst, -1
		}
		i = skipSpace(body, i+1)
		dst, i = wanted.append(dst, body, i, len(dst) > first)
		if i < 0 {
			return dst, -1
		}
		i = skipSpace(body, i)
		if i >= len(body) || body[i] != ',' {
			break
		}
		i = skipSpace(body, i+1)
	}
	if i >= len(body) || body[i] != '}' {
		return dst, -1
	}
	return dst, i + 1
}

// append appends one member whose value begins at body[i], if it is wanted.
func (m *member) append(dst, body []byte, i int, comma bool) ([]byte, int) {
	if m == nil || m.node != nil && (i >= len(body) || body[i] != '{') {
		return dst, skipValue(body, i)
	}
	before := len(dst)
	if comma {
		dst = append(dst, ',')
	}
	dst = append(dst, m.prefix...)
	if m.node == nil {
		end := skipValue(body, i)
		if end < 0 {
			return dst, -1
		}
		return append(dst, body[i:end]...), end
	}
	dst = append(dst, '{')
	empty := len(dst)
	dst, end := m.node.append(dst, body, i)
	if len(dst) == empty {
		return dst[:before], end
	}
	return append(dst, '}'), end
}

func (n *node) find(name []byte) *member {
	for i := range n.members {
		if m := &n.members[i]; m.name == string(name) {
			return m
		}
	}
	return nil
}

// add marks what is at path as wanted.
func (n *node) add(path string) {
	name, rest, deeper := strings.Cut(path, ".")
	m := n.find([]byte(name))
	switch {
	case m == nil:
		n.members = append(n.members, member{name: name, prefix: `"` + name + `":`})
		m = &n.members[len(n.members)-1]
		if deeper {
			m.node = new(node)
		}
	case !deeper:
		m.node = nil
	}
	if deeper && m.node != nil {
		m.node.add(rest)
	}
}

// unsearchable lists what a body may hold besides the searchable fields. This
// server never makes an "indexer", which is another name of "indexing".
var unsearchable = []string{
	"alerts.href", "analytics.scripted_results", "channels.href", "events.href", "indexer.href", "indexing.href",
	"recording.audit_trail.archive.date", "recording.audit_trail.archive.path", "recording.audit_trail.archive.policy",
	"recording.audit_trail.archive.server", "recording.audit_trail.download.href", "trail_downloads.href",
}

// known holds the paths of all fields, and of the objects that they are in.
var known = knownPaths()

func knownPaths() map[string]bool {
	paths := make(map[string]bool)
	add := func(path string) {
		for {
			paths[path] = true
			dot := strings.LastIndexByte(path, '.')
			if dot < 0 {
				return
			}
			path = path[:dot]
		}
	}
	for i := range query.Fields {
		add(query.Fields[i].Path)
	}
	for _, path := range unsearchable {
		add(path)
	}
	return paths
}
