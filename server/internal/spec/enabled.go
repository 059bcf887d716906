package spec

import "github.com/getkin/kin-openapi/openapi3"

// whenEnabled says x-when-enabled in keywords that kin-openapi checks: either
// the switch is not on, or the members are there. The contract itself can't use
// these keywords, since generators of code don't understand them.
func whenEnabled(members []string) openapi3.SchemaRefs {
	on := &openapi3.Schema{
		Required:   []string{"enabled"},
		Properties: openapi3.Schemas{"enabled": {Value: &openapi3.Schema{Enum: []any{true}}}},
	}
	return openapi3.SchemaRefs{
		{Value: &openapi3.Schema{Not: &openapi3.SchemaRef{Value: on}}},
		{Value: &openapi3.Schema{Required: members}},
	}
}

// switched returns the members that depend on whether an object is enabled.
func switched(s *openapi3.Schema) []string {
	if len(s.AnyOf) == 0 { // nothing but whenEnabled makes one
		return nil
	}
	return s.AnyOf[1].Value.Required
}
