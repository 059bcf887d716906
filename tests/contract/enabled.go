package contract

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// spellOut says x-when-enabled in keywords that kin-openapi checks: either the
// switch is not on, or the members are there.
func spellOut(schemas openapi3.Schemas) {
	on := &openapi3.Schema{
		Required:   []string{"enabled"},
		Properties: openapi3.Schemas{"enabled": {Value: &openapi3.Schema{Enum: []any{true}}}},
	}
	for _, s := range schemas {
		names, _ := s.Value.Extensions["x-when-enabled"].([]any)
		if names == nil {
			continue
		}
		members := make([]string, len(names))
		for i, name := range names {
			members[i] = fmt.Sprint(name)
		}
		s.Value.AnyOf = openapi3.SchemaRefs{
			{Value: &openapi3.Schema{Not: &openapi3.SchemaRef{Value: on}}},
			{Value: &openapi3.Schema{Required: members}},
		}
	}
}

// missingWhileEnabled lists the members that an enabled object lacks.
func missingWhileEnabled(broken *openapi3.SchemaError, place string) []Violation {
	object, _ := broken.Value.(map[string]any)
	place += pointerTo(broken)
	var missing []Violation
	for _, name := range broken.Schema.AnyOf[1].Value.Required {
		if _, ok := object[name]; !ok {
			missing = append(missing, Violation{
				Place: printable(place + "/" + escapes.Replace(name)), Schema: loaded().owners[broken.Schema],
				Expected: describe(property(broken.Schema, name)), Found: Nothing,
			})
		}
	}
	return missing
}
