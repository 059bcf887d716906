package spec_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func schemas(tb testing.TB) object {
	tb.Helper()
	return at(document(tb), "components", "schemas")
}

// TestSchemasAreNamed finds objects, unions and enums that hide inside of other
// schemas. Allowed are a lone reference in an allOf, which gives a member a
// description of its own, and the fixed value of a union's discriminator.
func TestSchemasAreNamed(t *testing.T) {
	for name, schema := range schemas(t) {
		walk(schema, name, func(pointer string, o object) {
			if pointer == name || skipped(pointer) {
				return
			}
			if o["oneOf"] != nil || o["anyOf"] != nil || o["not"] != nil {
				t.Errorf("%s: a union needs a name", pointer)
			}
			if parts, ok := o["allOf"].([]any); ok && (len(parts) != 1 || text(parts[0].(object), "$ref") == "") {
				t.Errorf("%s: allOf takes one reference here", pointer)
			}
			if o["type"] == "object" && o["allOf"] == nil { // which is how to say null besides
				t.Errorf("%s: an object needs a name", pointer)
			}
			if enum, ok := o["enum"].([]any); ok && len(enum) != 1 {
				t.Errorf("%s: an enum needs a name", pointer)
			}
		})
		if o := schema.(object); o["anyOf"] != nil || o["not"] != nil {
			t.Errorf("%s: say it with oneOf", name)
		}
	}
	for _, op := range operations(t) {
		walk(op.object, op.place, func(pointer string, o object) {
			if strings.HasSuffix(pointer, "/schema") && text(o, "$ref") == "" {
				t.Errorf("%s: the schema needs a name", pointer)
			}
		})
	}
}

// skipped are parts of a schema that are not schemas.
func skipped(pointer string) bool {
	return strings.Contains(pointer, "/x-") || strings.Contains(pointer, "/example") ||
		strings.HasSuffix(pointer, "/properties") || strings.Contains(pointer, "/discriminator")
}

func TestUnionsNameTheirVariants(t *testing.T) {
	all := schemas(t)
	for name, schema := range all {
		schema := schema.(object)
		variants, ok := schema["oneOf"].([]any)
		if !ok {
			continue
		}
		var refs []string
		for _, v := range variants {
			refs = append(refs, text(v.(object), "$ref"))
		}
		if slices.Contains(refs, "") {
			t.Errorf("%s: has a variant without a name", name)
		}
		d := at(schema, "discriminator")
		if d == nil {
			continue
		}
		mapped := map[string]bool{}
		for value, ref := range at(d, "mapping") {
			ref := ref.(string)
			mapped[ref] = true
			if !slices.Contains(refs, ref) {
				t.Errorf("%s: %q leads to %s, which is no variant", name, value, ref)
				continue
			}
			if !slices.Contains(valuesOf(all, nameOf(ref), text(d, "propertyName")), any(value)) {
				t.Errorf("%s: %s can't be %q", name, nameOf(ref), value)
			}
		}
		for _, ref := range refs {
			if !mapped[ref] {
				t.Errorf("%s: nothing leads to %s", name, ref)
			}
			for _, value := range valuesOf(all, nameOf(ref), text(d, "propertyName")) {
				if at(d, "mapping")[value.(string)] != ref {
					t.Errorf("%s: %q doesn't lead to %s", name, value, ref)
				}
			}
		}
	}
}

// valuesOf returns the values that a member of a schema can have.
func valuesOf(all object, schema, member string) []any {
	property := at(all, schema, "properties", member)
	if ref := text(property, "$ref"); ref != "" {
		property = at(all, nameOf(ref))
	}
	values, _ := property["enum"].([]any)
	return values
}

// TestEverythingIsDescribed checks that every schema and every member says what
// it is, and that every plain value has an example.
func TestEverythingIsDescribed(t *testing.T) {
	all := schemas(t)
	for name, schema := range all {
		schema := schema.(object)
		checkSentence(t, name, text(schema, "description"))
		for member := range at(schema, "properties") {
			property := at(schema, "properties", member)
			place := name + "." + member
			if text(property, "$ref") != "" {
				continue // described where it leads
			}
			checkSentence(t, place, text(property, "description"))
			plain := property["allOf"] == nil && text(at(property, "items"), "$ref") == ""
			if _, ok := property["example"]; plain && !ok {
				t.Errorf("%s: no example", place)
			}
		}
		scalar := schema["type"] != nil && schema["type"] != "object" && schema["format"] != "binary"
		if _, ok := schema["example"]; scalar && !ok {
			t.Errorf("%s: no example", name)
		}
		if schema["type"] == "object" && schema["additionalProperties"] == false {
			t.Errorf("%s: readers must take members that they don't know", name)
		}
	}
	for kind, need := range map[string][]string{
		"parameters": {"description", "example"}, "headers": {"description", "example"}, "responses": {"description"},
		"requestBodies": {"description"}, "securitySchemes": {"description"}, "examples": {"summary"},
	} {
		components := at(document(t), "components", kind)
		for name := range components {
			for _, member := range need {
				if at(components, name)[member] == nil {
					t.Errorf("%s %s: no %s", kind, name, member)
				}
			}
		}
	}
}

func checkSentence(t *testing.T, place, description string) {
	t.Helper()
	description = strings.TrimSpace(description)
	if description == "" || !strings.HasSuffix(description, ".") || strings.ToUpper(description[:1]) != description[:1] {
		if !strings.HasPrefix(description, "`") {
			t.Errorf("%s: description %q", place, description)
		}
	}
}

var (
	quantity = regexp.MustCompile(`(^|_)(time|duration|interval|seconds|days|limit|offset|count|position|after|port|score|aggregated|revision|level)$`)
	unit     = regexp.MustCompile(`(?i)\b(seconds|milliseconds|days|items|bytes|sessions|TCP|0|100|larger|unusual)\b`)
)

// TestUnits checks that numbers which measure something say in what.
func TestUnits(t *testing.T) {
	all := schemas(t)
	for name, schema := range all {
		for member := range at(schema.(object), "properties") {
			property := at(schema.(object), "properties", member)
			if ref := text(property, "$ref"); ref != "" {
				property = at(all, nameOf(ref))
			}
			if property["type"] == "integer" && quantity.MatchString(strings.ReplaceAll(member, ".", "_")) && !unit.MatchString(text(property, "description")) {
				t.Errorf("%s.%s: in what? %s", name, member, property["description"])
			}
		}
	}
}

// TestEnumsAreExplained checks that x-values describes each value of each enum,
// and that enums with guessed values are marked as such if readers meet them.
func TestEnumsAreExplained(t *testing.T) {
	doc := document(t)
	sent := map[string]bool{} // the schemas of parameters
	for _, parameter := range at(doc, "components", "parameters") {
		sent[nameOf(text(at(parameter.(object), "schema"), "$ref"))] = true
	}
	for name, schema := range at(doc, "components", "schemas") {
		schema := schema.(object)
		enum, ok := schema["enum"].([]any)
		if !ok || schema["type"] == "boolean" || schema["x-field-types"] != nil {
			continue // said already, or where the values lead
		}
		values := at(schema, "x-values")
		if len(values) != len(enum) {
			t.Errorf("%s: %d values, %d explained", name, len(enum), len(values))
		}
		guessed := false
		for _, value := range enum {
			entry := at(values, value.(string))
			checkSentence(t, name+" "+value.(string), text(entry, "description"))
			guessed = guessed || text(entry, "x-evidence") == "assumed"
		}
		if extensible := schema["x-extensible"] == true; extensible != (guessed && !sent[name]) {
			t.Errorf("%s: x-extensible is %t, and its values don't agree", name, extensible)
		}
	}
}

// TestSearchFields checks that every searchable field has one type, and leads to a
// property of a session which holds values of that type.
func TestSearchFields(t *testing.T) {
	all := schemas(t)
	fields := at(all, "SearchField")
	typeOf := map[string]string{}
	for name, paths := range at(fields, "x-field-types") {
		for _, path := range paths.([]any) {
			if other, ok := typeOf[path.(string)]; ok {
				t.Errorf("%s is both %s and %s", path, other, name)
			}
			typeOf[path.(string)] = name
		}
	}
	if fields["x-extensible"] != true {
		t.Error("newer versions have more fields")
	}
	var enum []string
	for _, value := range fields["enum"].([]any) {
		enum = append(enum, value.(string))
	}
	if diff := cmp.Diff(enum, sorted(typeOf)); diff != "" {
		t.Errorf("(-enum +types)\n%s", diff)
	}
	held := map[string]string{"boolean": "boolean", "date": "string", "ip": "string", "keyword": "string", "long": "integer"}
	for _, path := range enum {
		leaf := leafOf(all, strings.Split(path, "."))
		date := typeOf[path] == "date"
		if text(leaf, "type") != held[typeOf[path]] || date != (text(leaf, "format") == "date-time") {
			t.Errorf("%s is a %s, but its property is %v", path, typeOf[path], leaf)
		}
	}
}

// leafOf returns the schema of the single values that a property of a session
// holds; nil when there is no such property.
func leafOf(all object, steps []string) object {
	schema := at(all, "SessionProperties")
	for i := 0; ; {
		parts, _ := schema["allOf"].([]any)
		variants, _ := schema["oneOf"].([]any)
		switch parts = slices.Concat(parts, variants); {
		case text(schema, "$ref") != "":
			schema = at(all, nameOf(text(schema, "$ref")))
		case len(parts) > 0:
			schema = parts[0].(object)
		case schema["items"] != nil:
			schema = at(schema, "items")
		case i == len(steps) || schema == nil:
			return schema
		default:
			schema = at(schema, "properties", steps[i])
			i++
		}
	}
}

// TestGuideTables checks that every element of the guide's tables is a member of
// the schema that stands for it.
func TestGuideTables(t *testing.T) {
	all := schemas(t)
	for schema, members := range map[string]string{
		"ProtocolOptionsDocument": "key body meta",
		"ProtocolOptions":         "audit service",
		"ServiceSettings":         "enabled log_level",
		"SessionDocument":         "key body meta",
		"Session":                 "indexer", // another name of indexing
		"SessionProperties": "active alerts analytics channels client creation_time duration end_time events hidden indexing node_id " +
			"origin phantom protocol recording revision server trail_downloads start_time user verdict",
		"Recording": "archived audit_trail auth_method channel_policy command_extracted connection_policy connection_policy_id " +
			"content_reference_id has_accepted_channel index_status network_id server_local session_id target verdict window_title_extracted",
		"SessionUser": "id name server_username",
		"Peer":        "ip name port",
		"Server":      "ip name port",
		"Analytics":   "interesting_events scripted scripted_results similar_sessions tags",
	} {
		for _, member := range strings.Fields(members) {
			if at(all, schema, "properties", member) == nil {
				t.Errorf("%s has no %s", schema, member)
			}
		}
	}
}
