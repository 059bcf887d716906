package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spskit/spskit/server/internal/query"
)

// property is a node of the tree that the searchable fields make up.
type property struct {
	name       string
	index      int // in query.Fields, for a leaf
	properties []property
}

var (
	properties = propertyTree()
	startTime  = fieldIndex("start_time")
	revision   = fieldIndex("revision")
)

func propertyTree() []property {
	var root property
	for i := range query.Fields {
		p := &root
		for name := range strings.SplitSeq(query.Fields[i].Path, ".") {
			at := slices.IndexFunc(p.properties, func(q property) bool { return q.name == name })
			if at < 0 {
				at = len(p.properties)
				p.properties = append(p.properties, property{name: name})
			}
			p = &p.properties[at]
		}
		p.index = i
	}
	return root.properties
}

func fieldIndex(path string) int {
	return slices.IndexFunc(query.Fields, func(f query.Field) bool { return f.Path == path })
}

// values collects the searchable values of a body, in the order of query.Fields.
// An error begins with the path of the offending property.
func values(body map[string]any) ([]any, error) {
	all := make([]any, len(query.Fields))
	return all, collect(all, properties, body)
}

func collect(into []any, wanted []property, object map[string]any) error {
	for i := range wanted {
		p := &wanted[i]
		given, ok := object[p.name]
		if !ok || given == nil {
			continue
		}
		if p.properties != nil {
			inner, ok := given.(map[string]any)
			if !ok {
				return fmt.Errorf("%s: expected an object", p.name)
			}
			if err := collect(into, p.properties, inner); err != nil {
				return fmt.Errorf("%s.%w", p.name, err)
			}
			continue
		}
		v, err := convert(&query.Fields[p.index], given)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		into[p.index] = v
	}
	return nil
}

// convert returns the value in the Go type that its field has.
func convert(f *query.Field, given any) (any, error) {
	if f.List {
		return convertList(given)
	}
	switch f.Type {
	case query.Keyword:
		if s, ok := given.(string); ok && !strings.ContainsRune(s, 0) { // where patterns would end
			return s, nil
		}
		return nil, errors.New("expected a string without the character U+0000")
	case query.Long:
		switch n := given.(type) {
		case json.Number:
			if i, err := n.Int64(); err == nil {
				return i, nil
			}
		case int:
			return int64(n), nil
		case int64:
			return n, nil
		}
		return nil, errors.New("expected a whole number of at most 64 bits")
	case query.Bool:
		if b, ok := given.(bool); ok {
			return b, nil
		}
		return nil, errors.New("expected true or false")
	case query.Date:
		if s, ok := given.(string); ok {
			return query.ParseDate(s)
		}
		return nil, errors.New("expected a date in ISO 8601 form")
	case query.IP:
		s, _ := given.(string)
		ip, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("expected an IP address, not %q", s)
		}
		return ip.Unmap().WithZone(""), nil
	default:
		return nil, fmt.Errorf("field of unknown type %d", f.Type)
	}
}

// convertList accepts a single string too, because older appliances have one
// where newer ones have a list.
func convertList(given any) (any, error) {
	var list []string
	switch v := given.(type) {
	case string:
		return []string{v}, nil
	case []string:
		list = v
	case []any:
		for _, element := range v {
			s, ok := element.(string)
			if !ok {
				return nil, errors.New("expected a list of strings")
			}
			list = append(list, s)
		}
	default:
		return nil, errors.New("expected a list of strings")
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}
