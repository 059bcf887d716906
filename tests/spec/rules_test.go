package spec_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/gen/apispec"
)

const contractFile = "../../openapi.yaml"

// TestValid lets kin-openapi judge the file, examples included.
func TestValid(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile(contractFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Error(err)
	}
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("version is %s", doc.OpenAPI)
	}
}

// TestGeneratedIsCurrent shows that the embedded contract is the one in the file.
func TestGeneratedIsCurrent(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile(contractFile)
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := apispec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exact(t, file), exact(t, embedded)); diff != "" {
		t.Errorf("run make generate (-file +embedded):\n%s", diff)
	}
}

var camelCase = regexp.MustCompile(`^[a-z]+([A-Z][a-z0-9]+)+$`)

func TestOperations(t *testing.T) {
	doc := document(t)
	tags := map[string]bool{}
	for _, tag := range doc["tags"].([]any) {
		tag := tag.(object)
		tags[text(tag, "name")] = true
		if text(tag, "description") == "" {
			t.Errorf("tag %s has no description", tag["name"])
		}
	}
	seen := map[string]string{}
	for _, op := range operations(t) {
		id := text(op.object, "operationId")
		if !camelCase.MatchString(id) {
			t.Errorf("%s: operationId %q is not a verb and a noun", op.place, id)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%s: operationId %q is that of %s too", op.place, id, other)
		}
		seen[id] = op.place
		if own, _ := op.object["tags"].([]any); len(own) != 1 || !tags[fmt.Sprint(own[0])] {
			t.Errorf("%s: has the tags %v, wants one that is declared", op.place, own)
		}
		if summary := text(op.object, "summary"); summary == "" || len(summary) > 60 || strings.HasSuffix(summary, ".") {
			t.Errorf("%s: summary %q", op.place, summary)
		}
		if text(op.object, "description") == "" {
			t.Errorf("%s: no description", op.place)
		}
		checkSecurity(t, doc, op)
	}
}

func checkSecurity(t *testing.T, doc object, op operation) {
	t.Helper()
	required, own := op.object["security"].([]any)
	if !own {
		required, _ = doc["security"].([]any)
	}
	anonymous := len(required) == 0
	for _, alternative := range required {
		alternative := alternative.(object)
		anonymous = anonymous || len(alternative) == 0
		for scheme := range alternative {
			if at(doc, "components", "securitySchemes", scheme) == nil {
				t.Errorf("%s: there is no security scheme %s", op.place, scheme)
			}
		}
	}
	if anonymous != (at(op.object, "responses", "401") == nil) {
		t.Errorf("%s: anonymous is %t, and 401 doesn't agree", op.place, anonymous)
	}
}

func TestResponses(t *testing.T) {
	doc := document(t)
	for _, op := range operations(t) {
		responses := at(op.object, "responses")
		succeeds := false
		for _, status := range sorted(responses) {
			response := at(responses, status)
			place := op.place + " " + status
			if status < "400" {
				succeeds = succeeds || status < "300"
				if text(response, "description") == "" {
					t.Errorf("%s: no description", place)
				}
				continue
			}
			if !strings.HasPrefix(text(response, "$ref"), "#/components/responses/") {
				t.Errorf("%s: failures are shared responses", place)
			}
			body := at(resolve(doc, response), "content")
			if len(body) != 1 || text(at(body, "application/json", "schema"), "$ref") != "#/components/schemas/ErrorDocument" {
				t.Errorf("%s: every failure is an ErrorDocument, and nothing else", place)
			}
		}
		if !succeeds {
			t.Errorf("%s: can't succeed", op.place)
		}
		bad := "#/components/responses/BadQuery"
		if op.method != "get" && op.method != "delete" {
			bad = "#/components/responses/BadBody"
		}
		if text(at(responses, "400"), "$ref") != bad {
			t.Errorf("%s: its 400 is not %s, although any query may be refused", op.place, nameOf(bad))
		}
		for _, always := range []string{"417", "500", "503"} {
			if at(responses, always) == nil {
				t.Errorf("%s: no %s", op.place, always)
			}
		}
		if op.method != "get" && op.method != "delete" && at(responses, "413") == nil {
			t.Errorf("%s: no 413, although it takes a body", op.place)
		}
		if strings.Contains(op.path, "{") && at(responses, "404") == nil {
			t.Errorf("%s: no 404, although it has a key", op.place)
		}
	}
}

func TestHeaders(t *testing.T) {
	doc := document(t)
	for _, op := range operations(t) {
		for status := range at(op.object, "responses") {
			response := resolve(doc, at(op.object, "responses", status))
			if at(response, "content", "application/json") == nil {
				continue
			}
			want := []string{"Allow", "Content-Language"}
			if status == "411" || status == "417" || status >= "500" { // they may come from in front of the resource
				want = want[1:]
			}
			for _, name := range want {
				if header := resolve(doc, at(response, "headers", name)); header["required"] != true {
					t.Errorf("%s %s: header %s is not required", op.place, status, name)
				}
			}
		}
	}
}

func TestEveryContentHasAnExample(t *testing.T) {
	for _, c := range contents(t) {
		if len(c.examples) == 0 {
			t.Errorf("%s: no example", c.place)
		}
		if c.schema == "" {
			t.Errorf("%s: its schema has no name", c.place)
		}
	}
}

// TestErrorTypes checks the table of error types against the responses.
func TestErrorTypes(t *testing.T) {
	doc := document(t)
	types := at(doc, "components", "schemas", "ErrorType")
	members := at(doc, "components", "schemas", "ErrorDetails", "properties")
	shown := map[string]bool{}
	for _, c := range contents(t) {
		if c.status < "400" {
			continue
		}
		for name, example := range c.examples {
			problem := at(example.(object), "error")
			kind := text(problem, "type")
			shown[kind] = true
			entry := at(types, "x-values", kind)
			if fmt.Sprint(entry["status"]) != c.status {
				t.Errorf("%s, example %s: %s has status %v", c.place, name, kind, entry["status"])
			}
			allowed, _ := entry["details"].([]any)
			for member := range at(problem, "details") {
				if !slices.Contains(allowed, any(member)) {
					t.Errorf("%s, example %s: details of %s don't hold %s", c.place, name, kind, member)
				}
			}
		}
	}
	for _, kind := range types["enum"].([]any) {
		kind := kind.(string)
		if !shown[kind] {
			t.Errorf("no response shows a %s", kind)
		}
		allowed, ok := at(types, "x-values", kind)["details"].([]any)
		if !ok {
			t.Errorf("%s doesn't say what its details hold", kind)
		}
		for _, member := range allowed {
			if members[member.(string)] == nil {
				t.Errorf("%s: there is no detail %s", kind, member)
			}
		}
	}
}

// TestNothingIsUnused finds components that no operation leads to.
func TestNothingIsUnused(t *testing.T) {
	doc := document(t)
	used := map[string]bool{}
	var follow func(v any)
	follow = func(v any) {
		walk(v, "", func(_ string, o object) {
			ref := text(o, "$ref")
			if ref == "" || used[ref] {
				return
			}
			used[ref] = true
			follow(resolve(doc, o))
		})
	}
	follow(doc["paths"])
	components := at(doc, "components")
	for _, kind := range sorted(components) {
		for _, name := range sorted(at(components, kind)) {
			if kind != "securitySchemes" && !used["#/components/"+kind+"/"+name] {
				t.Errorf("%s %s is not used", kind, name)
			}
		}
	}
}

// TestChangelog checks that the contract's version is a semantic one, and that the
// changelog begins with it.
func TestChangelog(t *testing.T) {
	version := text(at(document(t), "info"), "version")
	if !regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`).MatchString(version) {
		t.Errorf("the version is %q", version)
	}
	changes, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, entries, _ := strings.Cut(string(changes), "\n## "); !strings.HasPrefix(entries, version+" - ") {
		t.Errorf("CHANGELOG.md does not begin with %s", version)
	}
}
