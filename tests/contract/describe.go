package contract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// violationOf says in words what kin-openapi found to be wrong.
func violationOf(broken *openapi3.SchemaError, place string) Violation {
	s := broken.Schema
	v := Violation{
		Place: printable(place + pointerTo(broken)), Schema: loaded().owners[s],
		Expected: expected(broken), Found: found(broken.Value),
	}
	switch broken.SchemaField {
	case "required":
		v.Found = Nothing
	case "discriminator":
		v.Place += "/" + escapes.Replace(s.Discriminator.PropertyName)
		if broken.Value == nil {
			v.Found = Nothing
		}
	case "minLength", "maxLength":
		if text, ok := broken.Value.(string); ok {
			v.Found = count(utf8.RuneCountInString(text), "character")
		}
	}
	if _, isText := broken.Value.(string); isText && (s.Format == "password" || secret.MatchString(v.Place)) {
		v.Found = "text which is not shown"
	}
	return v
}

// secret matches the places whose text is not shown: the members that are called
// so, and what is the whole body, for it may be a password gone astray.
var secret = regexp.MustCompile(`(?i)(password|passphrase|secret|token|private|plain|cookie|authorization)[^/]*$|^body$`)

// expected is what the contract says about the place where it is broken.
func expected(broken *openapi3.SchemaError) string {
	s := broken.Schema
	switch broken.SchemaField {
	case "required":
		steps := broken.JSONPointer()
		return describe(property(s, steps[len(steps)-1]))
	case "type", "nullable", "enum":
		return describe(&openapi3.SchemaRef{Value: s})
	case "format":
		if name, ok := formatNames[s.Format]; ok {
			return name
		}
		return "the format " + s.Format
	case "discriminator":
		values := make([]string, 0, len(s.Discriminator.Mapping))
		for v := range s.Discriminator.Mapping {
			values = append(values, v)
		}
		return "one of " + list(values)
	case "oneOf":
		return "one of the variants of the union"
	case "minimum":
		return "at least " + number(*s.Min)
	case "maximum":
		return "at most " + number(*s.Max)
	case "minLength":
		return "at least " + count(int(s.MinLength), "character") //nolint:gosec // of the contract
	case "maxLength":
		return "at most " + count(int(*s.MaxLength), "character") //nolint:gosec // of the contract
	case "minItems":
		return "at least " + count(int(s.MinItems), "item") //nolint:gosec // of the contract
	case "maxItems":
		return "at most " + count(int(*s.MaxItems), "item") //nolint:gosec // of the contract
	case "uniqueItems":
		return "no item twice"
	case "pattern":
		return "text that matches " + s.Pattern
	default:
		return "that " + broken.Reason
	}
}

// property finds what the contract says about a member that a schema requires. The
// parts of an allOf may require what another part describes.
func property(s *openapi3.Schema, name string) *openapi3.SchemaRef {
	if ref := s.Properties[name]; ref != nil {
		return ref
	}
	if owner := loaded().document.Components.Schemas[loaded().owners[s]]; owner != nil {
		for _, part := range owner.Value.AllOf {
			if ref := part.Value.Properties[name]; ref != nil {
				return ref
			}
		}
	}
	return nil
}

// describe says what a schema stands for, in a few words.
func describe(ref *openapi3.SchemaRef) string {
	if ref == nil {
		return "a value"
	}
	s := ref.Value
	text := "a value"
	switch {
	case len(s.AllOf) == 1:
		text = describe(s.AllOf[0])
	case len(s.Enum) > 0:
		values := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			if v != nil {
				values = append(values, found(v))
			}
		}
		slices.Sort(values)
		text = strings.Join(values, ", ")
		if len(values) > 1 {
			text = "one of " + text
		}
	case len(s.OneOf) > 0:
		variants := make([]string, len(s.OneOf))
		for i, variant := range s.OneOf {
			variants[i] = describe(variant)
		}
		slices.Sort(variants)
		text = strings.Join(slices.Compact(variants), " or ")
	case s.Type.Is(openapi3.TypeArray):
		text = "a list"
	case s.Type.Is(openapi3.TypeObject):
		text = "an object"
	case s.Type.Is(openapi3.TypeInteger):
		text = "an integer"
	case s.Type != nil && len(s.Type.Slice()) == 1:
		text = "a " + s.Type.Slice()[0]
	}
	if s.Nullable {
		text += " or null"
	}
	return text
}

// found describes a value. Of objects it gives the names of the members only, for
// their values may be secret.
func found(value any) string {
	switch value := value.(type) {
	case string:
		return strconv.Quote(abridge(value))
	case []any:
		return "a list of " + count(len(value), "item")
	case map[string]any:
		names := keys(value)
		switch {
		case len(names) == 0:
			return "an empty object"
		case len(names) > 10:
			return "an object with " + count(len(names), "member")
		}
		return "an object with " + printable(abridge(list(names)))
	default:
		raw, err := json.Marshal(value)
		if err != nil {
			return fmt.Sprintf("a value of type %T", value)
		}
		return abridge(string(raw))
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return strconv.Itoa(n) + " " + of + "s"
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func list(words []string) string {
	slices.Sort(words)
	return `"` + strings.Join(words, `", "`) + `"`
}

func abridge(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
