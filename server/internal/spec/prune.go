package spec

import (
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Prune returns value without the members that the schema doesn't know, and the
// JSON pointers of those members, in order. The value that was passed stays as
// it is. Where a union leaves open which variant is meant, and where a schema
// says that anything goes, everything is kept. A name that is not a schema of
// the contract leaves nothing to prune by: the value comes back unchanged.
func Prune(schemaName string, value any) (pruned any, unknown []string) {
	s, err := schema(schemaName)
	if err != nil {
		return value, nil
	}
	var p pruner
	pruned = p.prune(s, value, "")
	slices.Sort(p.unknown)
	return pruned, p.unknown
}

type pruner struct{ unknown []string }

func (p *pruner) prune(s *openapi3.Schema, value any, path string) any {
	switch v := value.(type) {
	case map[string]any:
		m, open := membersOf(s, value)
		if open {
			return value
		}
		kept := make(map[string]any, len(v))
		for name, member := range v {
			if known := m[name]; known != nil {
				kept[name] = p.prune(known, member, path+"/"+escape(name))
			} else {
				p.unknown = append(p.unknown, path+"/"+escape(name))
			}
		}
		return kept
	case []any:
		items := itemsOf(s, value)
		if items == nil {
			return value
		}
		kept := make([]any, len(v))
		for i, item := range v {
			kept[i] = p.prune(items, item, path+"/"+strconv.Itoa(i))
		}
		return kept
	default:
		return value
	}
}

// membersOf returns the schemas of an object's members. open says that the
// schema doesn't tell which members there are.
func membersOf(s *openapi3.Schema, value any) (members map[string]*openapi3.Schema, open bool) {
	if len(s.OneOf) > 0 {
		variant := choose(s, value)
		if variant == nil {
			return nil, true
		}
		return membersOf(variant, value)
	}
	if has := s.AdditionalProperties.Has; has != nil && *has {
		return nil, true
	}
	if s.Type == nil && len(s.AllOf) == 0 {
		return nil, true
	}
	members = make(map[string]*openapi3.Schema, len(s.Properties))
	for name, property := range s.Properties {
		members[name] = property.Value
	}
	if object, ok := value.(map[string]any); ok && object["enabled"] == false {
		for _, name := range switched(s) {
			delete(members, name)
		}
	}
	for _, part := range s.AllOf {
		more, open := membersOf(part.Value, value)
		if open {
			return nil, true
		}
		for name, property := range more {
			members[name] = property
		}
	}
	return members, false
}

// itemsOf returns the schema of an array's items, or nil if it is not told.
func itemsOf(s *openapi3.Schema, value any) *openapi3.Schema {
	if len(s.OneOf) > 0 {
		if s = choose(s, value); s == nil {
			return nil
		}
	}
	if s.Items != nil {
		return s.Items.Value
	}
	for _, part := range s.AllOf {
		if items := itemsOf(part.Value, value); items != nil {
			return items
		}
	}
	return nil
}
