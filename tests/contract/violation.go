package contract

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// Nothing is what was found where something is missing.
const Nothing = "nothing"

// Violation is one place where something breaks the contract. Its words hold no
// control characters, and neither passwords nor the members' values of objects.
type Violation struct {
	Place    string // "body" and a JSON pointer, a pointer alone for a document, "status", `header "Allow"`, or `parameter "limit"`
	Schema   string // the schema in which the contract says so, such as "TransactionState"; empty for what has no named one
	Expected string // such as `one of "closed", "open"`
	Found    string // such as `"ajar"`, or Nothing
}

func (v Violation) String() string {
	place := v.Place
	if place == "" {
		place = "the document"
	}
	text := place + ": expected " + v.Expected + ", found " + v.Found
	if v.Schema != "" {
		text += " (schema " + v.Schema + ")"
	}
	return text
}

// Error lists everything by which a document or a message breaks the contract.
type Error struct {
	Subject    string // what was checked, such as "response 200 of getSession"
	Violations []Violation
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Subject + " breaks the contract:")
	for _, v := range e.Violations {
		b.WriteString("\n\t" + v.String())
	}
	return b.String()
}

// newError returns nil when there is nothing to report.
func newError(subject string, violations []Violation) error {
	if len(violations) == 0 {
		return nil
	}
	return &Error{Subject: printable(subject), Violations: violations}
}

// violationsIn takes apart what kin-openapi found below place.
func violationsIn(err error, place string) []Violation {
	if err == nil {
		return nil
	}
	if several, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // the list itself, not one that lies deeper
		var all []Violation
		for _, e := range several {
			all = append(all, violationsIn(e, place)...)
		}
		return all
	}
	var broken *openapi3.SchemaError
	if !errors.As(err, &broken) {
		return []Violation{{Place: place, Expected: "what the contract says", Found: printable(err.Error())}}
	}
	if inner := innerErrors(broken); inner != nil {
		return violationsIn(inner, place)
	}
	if broken.SchemaField == "anyOf" { // nothing but spellOut makes one
		return missingWhileEnabled(broken, place)
	}
	return []Violation{violationOf(broken, place)}
}

// innerErrors returns what is wrong within the parts of an allOf, or within the
// one variant of a union that the value is meant to be. It returns nil when that
// isn't clear.
func innerErrors(broken *openapi3.SchemaError) error {
	var parts openapi3.MultiError
	if broken.Origin == nil || !errors.As(errors.Unwrap(errors.Unwrap(broken.Origin)), &parts) || len(parts) == 0 {
		return nil
	}
	switch broken.SchemaField {
	case "allOf":
		return parts
	case "oneOf":
		return meant(parts, pointerTo(broken))
	default:
		return nil
	}
}

// meant picks the variant which the value belongs to: the only one that was
// tried, or the only one of its type.
func meant(variants openapi3.MultiError, union string) error {
	if len(variants) == 1 {
		return variants[0]
	}
	candidates := slices.DeleteFunc(slices.Clone(variants), func(found error) bool { return contradicts(found, union) })
	if len(candidates) != 1 {
		return nil
	}
	return candidates[0]
}

// contradicts reports whether what is wrong with a variant says that the value
// was not meant to be it, because it is of another type.
func contradicts(variant error, union string) bool {
	return slices.ContainsFunc(violationsOf(variant), func(found *openapi3.SchemaError) bool {
		return found.SchemaField == "type" && pointerTo(found) == union
	})
}

func violationsOf(err error) []*openapi3.SchemaError {
	switch err := err.(type) { //nolint:errorlint // the list itself, not what lies deeper
	case openapi3.MultiError:
		var all []*openapi3.SchemaError
		for _, e := range err {
			all = append(all, violationsOf(e)...)
		}
		return all
	case *openapi3.SchemaError:
		return []*openapi3.SchemaError{err}
	default:
		return nil
	}
}

func pointerTo(broken *openapi3.SchemaError) string {
	var b strings.Builder
	for _, step := range broken.JSONPointer() {
		b.WriteString("/" + escapes.Replace(step))
	}
	return b.String()
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

// printable replaces what is not to reach a terminal as it is.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
