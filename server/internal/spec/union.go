package spec

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// choose returns the variant of a union that a value is meant to be: the one
// that the discriminator names; without a discriminator the one that fits; and
// when none does, the one for lists, if the value is a list. It returns nil when
// that leaves it open.
func choose(s *openapi3.Schema, value any) *openapi3.Schema {
	if s.Discriminator != nil {
		return chooseByName(s, value)
	}
	for _, v := range s.OneOf {
		if fits(v.Value, value) {
			return v.Value
		}
	}
	if _, list := value.([]any); !list {
		return nil
	}
	i := slices.IndexFunc(s.OneOf, func(v *openapi3.SchemaRef) bool { return v.Value.Type.Is(openapi3.TypeArray) })
	if i < 0 {
		return nil
	}
	return s.OneOf[i].Value
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
