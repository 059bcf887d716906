package contract

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

const jsonType = "application/json"

// Takes is the schema of what an operation takes; nil for nothing.
func Takes(operation Object) Object { return schemaOf(operation.Object("requestBody")) }

// Gives is the schema of what an operation answers when it succeeds; nil if that is no
// JSON.
func Gives(operation Object) Object {
	responses := operation.Object("responses")
	for _, status := range responses.Names() {
		if schema := schemaOf(responses.Object(status)); strings.HasPrefix(status, "2") && schema != nil {
			return schema
		}
	}
	return nil
}

func schemaOf(message Object) Object {
	return message.Object("content").Object(jsonType).Object("schema")
}

// Merged brings the parts of allOf together with the schema itself. Alternatives stay.
func Merged(schema Object) Object {
	parts := schema.Objects("allOf")
	if len(parts) == 0 {
		return schema
	}
	own := Object{}
	maps.Copy(own, schema)
	delete(own, "allOf")
	merged := Object{}
	properties, required := map[string]any{}, []any{}
	for _, part := range append(parts, own) {
		for name, value := range Merged(part) {
			switch list, _ := value.([]any); name {
			case "properties":
				inner, _ := value.(map[string]any)
				maps.Copy(properties, inner)
			case "required":
				required = append(required, list...)
			default:
				merged[name] = value
			}
		}
	}
	if len(properties) > 0 {
		merged["properties"] = properties
	}
	if len(required) > 0 {
		merged["required"] = required
	}
	return merged
}

// Alternatives are the forms that a value of the schema may have; the schema alone if
// there is but one.
func Alternatives(schema Object) []Object {
	schema = Merged(schema)
	common := maps.Clone(schema)
	delete(common, "oneOf")
	delete(common, "anyOf")
	var forms []Object
	for _, name := range []string{"oneOf", "anyOf"} {
		for _, form := range schema.Objects(name) {
			forms = append(forms, Alternatives(Object{"allOf": []any{map[string]any(common), map[string]any(form)}})...)
		}
	}
	if len(forms) == 0 {
		return []Object{schema}
	}
	return forms
}

// Properties are the members of an object in any of its forms, and whether more than
// these may be there.
func Properties(schema Object) (properties map[string]Object, open bool) {
	properties = map[string]Object{}
	for _, form := range Alternatives(schema) {
		inner := form.Object("properties")
		for name := range inner {
			if before, ok := properties[name]; ok && !reflect.DeepEqual(before, inner.Object(name)) {
				properties[name] = Object{"oneOf": []any{map[string]any(before), map[string]any(inner.Object(name))}}
				continue
			}
			properties[name] = inner.Object(name)
		}
		if more, given := form["additionalProperties"]; given && more != false || len(inner) == 0 {
			open = true
		}
	}
	return properties, open
}

// Items is the schema of the elements of an array in any of its forms; nil if it is none.
func Items(schema Object) Object {
	for _, form := range Alternatives(schema) {
		if items := form.Object("items"); items != nil {
			return items
		}
	}
	return nil
}

// Unknown lists the members of a value, as /audit/cleanup, that neither the schema nor
// the document which was there before has. The appliance would ignore them silently.
func Unknown(schema Object, value, before any) []string { return unknown(schema, value, before, "") }

func unknown(schema Object, value, before any, at string) (found []string) {
	switch value := value.(type) {
	case map[string]any:
		known, open := Properties(schema)
		old, _ := before.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			_, was := old[name]
			member, is := known[name]
			switch place := at + "/" + name; {
			case !was && !is && !open:
				found = append(found, place)
			case is:
				found = append(found, unknown(member, value[name], old[name], place)...)
			}
		}
	case []any:
		old, _ := before.([]any)
		for i, element := range value {
			var was any
			if i < len(old) {
				was = old[i]
			}
			found = append(found, unknown(Items(schema), element, was, at+"/-")...)
		}
	}
	return slices.Compact(found)
}
