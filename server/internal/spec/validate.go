package spec

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Violation is one place where a document breaks the contract.
type Violation struct {
	Path   string `json:"path"`   // JSON pointer, "" for the document as a whole
	Reason string `json:"reason"` // for people
}

// ValidationError lists every place where a document breaks the contract.
type ValidationError struct {
	Schema     string
	Violations []Violation // never empty
}

func (e *ValidationError) Error() string {
	places := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		places[i] = fmt.Sprintf("%q %s", v.Path, v.Reason)
	}
	return "not a valid " + e.Schema + ": " + strings.Join(places, "; ")
}

// ValidateDocument checks a decoded JSON value against a schema of the contract.
// Numbers may be float64 or json.Number. What does not fit is reported in a
// *ValidationError; any other error means that there is no such schema.
func ValidateDocument(schemaName string, value any) error {
	s, err := schema(schemaName)
	if err != nil {
		return err
	}
	if fits(s, value) {
		return nil
	}
	var f finder
	f.visit(s, value, "")
	if len(f.found) == 0 { // a keyword that finder doesn't know of
		f.add("", reason(s.VisitJSON(value)))
	}
	return &ValidationError{Schema: schemaName, Violations: f.found}
}

func fits(s *openapi3.Schema, value any) bool { return s.VisitJSON(value, openapi3.FailFast()) == nil }

// finder looks for the places where a value breaks a schema. It descends by
// itself, since it knows which variant of a union is meant, and leaves the
// judgement of what it can't descend into to kin-openapi.
type finder struct{ found []Violation }

func (f *finder) add(path, reason string) {
	v := Violation{Path: path, Reason: reason}
	if !slices.Contains(f.found, v) {
		f.found = append(f.found, v)
	}
}

func (f *finder) visit(s *openapi3.Schema, value any, path string) {
	if fits(s, value) {
		return
	}
	if len(s.OneOf) > 0 {
		f.visitUnion(s, value, path)
		return
	}
	before := len(f.found)
	for _, part := range s.AllOf {
		f.visit(part.Value, value, path)
	}
	switch v := value.(type) {
	case map[string]any:
		f.visitObject(s, v, path)
	case []any:
		if s.Items != nil && s.Type.Permits(openapi3.TypeArray) {
			for i, item := range v {
				f.visit(s.Items.Value, item, path+"/"+strconv.Itoa(i))
			}
		}
	}
	if len(f.found) == before {
		f.add(path, reason(s.VisitJSON(value)))
	}
}

func (f *finder) visitObject(s *openapi3.Schema, value map[string]any, path string) {
	if s.Type != nil && !s.Type.Is(openapi3.TypeObject) {
		return
	}
	required := s.Required
	if value["enabled"] == true {
		required = slices.Concat(required, switched(s))
	}
	for _, name := range required {
		if _, ok := value[name]; !ok {
			f.add(path+"/"+escape(name), "is missing")
		}
	}
	for _, name := range sortedKeys(value) {
		if property := s.Properties[name]; property != nil {
			f.visit(property.Value, value[name], path+"/"+escape(name))
		}
	}
}

func (f *finder) visitUnion(s *openapi3.Schema, value any, path string) {
	if variant := choose(s, value); variant != nil {
		f.visit(variant, value, path)
		return
	}
	d := s.Discriminator
	object, ok := value.(map[string]any)
	if d == nil || !ok {
		f.add(path, "must be one of "+strings.Join(variantNames(s), ", "))
		return
	}
	if _, ok := object[d.PropertyName]; !ok {
		f.add(path+"/"+escape(d.PropertyName), "is missing")
		return
	}
	f.add(path+"/"+escape(d.PropertyName), "must be one of "+quoted(sortedKeys(d.Mapping)))
}

func variantNames(s *openapi3.Schema) []string {
	names := make([]string, len(s.OneOf))
	for i, v := range s.OneOf {
		names[i] = strings.TrimPrefix(v.Ref, schemaPrefix)
	}
	return names
}

// reason words what kin-openapi found.
func reason(err error) string {
	var broken *openapi3.SchemaError
	switch {
	case err == nil:
		return "does not fit"
	case errors.As(err, &broken):
		switch broken.SchemaField {
		case "enum":
			return "must be one of " + quoted(texts(broken.Schema.Enum))
		case "format":
			return "is not a " + broken.Schema.Format
		default:
			return broken.Reason
		}
	default:
		return err.Error()
	}
}

func texts(values []any) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return words
}

func quoted(words []string) string { return `"` + strings.Join(words, `", "`) + `"` }

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

// escape makes a member's name a step of a JSON pointer.
func escape(name string) string { return escapes.Replace(name) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
