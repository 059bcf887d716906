package spec

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// choose returns the variant of a union that a value is meant to be: the one
// that the discriminator names; without a discriminator the one that fits; and
// when none does, the only one that its fixed members point to. It returns nil
// when that leaves it open.
func choose(s *openapi3.Schema, value any) *openapi3.Schema {
	if s.Discriminator != nil {
		return chooseByName(s, value)
	}
	for _, v := range s.OneOf {
		if fits(v.Value, value) {
			return v.Value
		}
	}
	var chosen *openapi3.Schema
	for _, v := range s.OneOf {
		if pointsTo(v.Value, value) {
			if chosen != nil {
				return nil
			}
			chosen = v.Value
		}
	}
	return chosen
}

func chooseByName(s *openapi3.Schema, value any) *openapi3.Schema {
	object, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	name, ok := object[s.Discriminator.PropertyName].(string)
	if !ok {
		return nil
	}
	ref, ok := s.Discriminator.Mapping[name]
	if !ok {
		return nil
	}
	i := slices.IndexFunc(s.OneOf, func(v *openapi3.SchemaRef) bool { return v.Ref == ref.Ref })
	if i < 0 {
		return nil
	}
	return s.OneOf[i].Value
}

// pointsTo reports whether value has all members of variant that can have one
// value only, such as "enabled", and has these values in them. Of other types
// than objects it reports whether the type is right.
func pointsTo(variant *openapi3.Schema, value any) bool {
	switch v := value.(type) {
	case map[string]any:
		fixed := 0
		for name, property := range variant.Properties {
			if enum := property.Value.Enum; len(enum) == 1 {
				if v[name] != enum[0] {
					return false
				}
				fixed++
			}
		}
		return fixed > 0
	case []any:
		return variant.Type.Is(openapi3.TypeArray)
	default:
		return false
	}
}
