package contract

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestFull(t *testing.T) {
	for path, want := range map[string]string{
		"":                               "/api/configuration/",
		"vnc/options":                    "/api/configuration/vnc/options",
		"vnc/options/":                   "/api/configuration/vnc/options",
		"/api/configuration/vnc/options": "/api/configuration/vnc/options",
		"api/configuration/vnc/options":  "/api/configuration/vnc/options",
		"configuration/vnc":              "/api/configuration/vnc",
		"configuration":                  "/api/configuration",
		"acl/audit_data":                 "/api/acl/audit_data",
		"info":                           "/api/info",
		"information":                    "/api/configuration/information",
		"/elsewhere":                     "/elsewhere",
	} {
		if got := Full(path); got != want {
			t.Errorf("Full(%q) is %q, want %q", path, got, want)
		}
	}
}

// The short form of every path leads back to it.
func TestShort(t *testing.T) {
	for _, path := range Paths() {
		if got := Full(Short(path)); got != path {
			t.Errorf("%s is %s in short, which is %s", path, Short(path), got)
		}
	}
}

func TestFind(t *testing.T) {
	for path, want := range map[string]string{
		"/api/configuration/vnc/options":                "/api/configuration/vnc/options",
		"/api/configuration/ssh/channel_policies/some":  "/api/configuration/ssh/channel_policies/{key}",
		"/api/configuration/ssh/channel_policies/{key}": "/api/configuration/ssh/channel_policies/{key}",
		"/api/audit/sessions/_count?q=protocol:SSH":     "/api/audit/sessions/_count", // and not the session of that key
		"/api/configuration/ssh/channel_policies/":      "",
		"/api/nothing": "",
		"":             "",
	} {
		if p, ok := Find(path); p.Template != want || ok != (want != "") {
			t.Errorf("Find(%q) is %q, %v; want %q", path, p.Template, ok, want)
		}
	}
	for path, want := range map[string]bool{"/api/configuration/ssh/channel_policies": true, "/api/configuration/vnc/options": false} {
		if p, _ := Find(path); p.IsCollection() != want {
			t.Errorf("%s: a collection is %v", path, !want)
		}
	}
}

func TestByOperation(t *testing.T) {
	p, method, ok := ByOperation("replaceVncOptions")
	if !ok || method != "PUT" || p.Template != "/api/configuration/vnc/options" {
		t.Errorf("%s %s, %v", method, p.Template, ok)
	}
	if p, method, ok := ByOperation("nothing"); ok {
		t.Errorf("%s %s", method, p.Template)
	}
	if _, _, ok := ByOperation(""); ok {
		t.Error("no id is an operation")
	}
}

func TestComplete(t *testing.T) {
	for word, want := range map[string][]string{
		"vnc/o":                     {"vnc/options"},
		"/api/configuration/vnc/o":  {"/api/configuration/vnc/options"},
		"ssh/channel_policies/some": nil,
		"ssh/channel_policies/":     {"ssh/channel_policies/"},
		"/api/acl/":                 {"/api/acl/audit_data", "/api/acl/audit_data/"},
		"nothing begins like this":  nil,
	} {
		if got := Complete(word, nil); !slices.Equal(got, want) {
			t.Errorf("Complete(%q) is %q, want %q", word, got, want)
		}
	}
	only := Complete("", func(p Path) bool { return p.Operation("DELETE") != nil })
	if len(only) == 0 || len(only) >= len(Complete("", nil)) {
		t.Errorf("%d paths can be deleted", len(only))
	}
	for _, word := range only {
		if strings.Contains(word, "{") {
			t.Errorf("%s is no word to type", word)
		}
	}
}

// Every schema of the contract can be read, though some hold themselves.
func TestEverySchema(t *testing.T) {
	for _, path := range Paths() {
		p, _ := Find(path)
		for _, method := range Methods {
			operation := p.Operation(method)
			for _, schema := range []Object{Takes(operation), Gives(operation)} {
				if schema == nil {
					continue
				}
				properties, open := Properties(schema)
				if len(properties) == 0 && !open {
					t.Errorf("%s %s has a schema that nothing fits", method, path)
				}
				if found := Unknown(schema, map[string]any{}, nil); len(found) > 0 {
					t.Errorf("%s %s: nothing has the members %s", method, path, found)
				}
			}
		}
	}
}

func object(t *testing.T, text string) (o Object) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

func TestUnknown(t *testing.T) {
	const (
		plain = `{"properties":{"a":{"properties":{"b":{}}},"list":{"items":{"properties":{"x":{"type":"integer"}}}}},"additionalProperties":false}`
		forms = `{"allOf":[{"properties":{"always":{"type":"string"}}},{"oneOf":[{"properties":{"one":{"type":"string"}}},{"properties":{"two":{"type":"string"}}}]}]}`
		open  = `{"properties":{"a":{"type":"string"}},"additionalProperties":true}`
	)
	for _, test := range []struct {
		schema, value, before string
		want                  []string
	}{
		{plain, `{"a":{"b":1},"list":[{"x":1}]}`, `null`, nil},
		{plain, `{"c":1,"a":{"d":1}}`, `null`, []string{"/a/d", "/c"}},
		{plain, `{"list":[{"x":1},{"y":1},{"y":2}]}`, `null`, []string{"/list/-/y"}},
		{plain, `{"c":1,"list":[{"y":1}]}`, `{"c":0,"list":[{"y":0}]}`, nil}, // the appliance has them
		{plain, `{"list":[{"x":1},{"y":1}]}`, `{"list":[{"y":0}]}`, []string{"/list/-/y"}},
		{plain, `5`, `null`, nil}, // that it is no object, the appliance says
		{open, `{"c":1}`, `null`, nil},
		{`{}`, `{"c":{"d":1}}`, `null`, nil},
	} {
		value, before := object(t, `{"v":`+test.value+`}`)["v"], object(t, `{"v":`+test.before+`}`)["v"]
		if got := Unknown(object(t, test.schema), value, before); !slices.Equal(got, test.want) {
			t.Errorf("%s for %s: %q, want %q", test.value, test.schema, got, test.want)
		}
	}
	if got := Unknown(object(t, forms), object(t, `{"v":{"always":"","one":"","three":""}}`)["v"], nil); !slices.Equal(got, []string{"/three"}) {
		t.Errorf("%q", got)
	}
}

func TestMerged(t *testing.T) {
	got := Merged(object(t, `{"description":"own","required":["c"],"allOf":[
		{"description":"first","type":"object","required":["a"],"properties":{"a":{},"b":{}}},
		{"allOf":[{"properties":{"c":{}}}]}]}`))
	want := object(t, `{"description":"own","type":"object","required":["a","c"],"properties":{"a":{},"b":{},"c":{}}}`)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestReferences(t *testing.T) {
	schema := Schema("ErrorType")
	if len(schema.Texts("enum")) == 0 {
		t.Error("ErrorType has no values")
	}
	through := Object{"it": map[string]any{"$ref": "#/components/schemas/ErrorType"}, "lost": map[string]any{"$ref": "#/components/schemas/Nothing"}}
	if !reflect.DeepEqual(through.Object("it"), schema) {
		t.Errorf("the reference leads to %v", through.Object("it"))
	}
	if through.Object("lost") != nil || Schema("Nothing") != nil {
		t.Error("a reference to nothing leads to something")
	}
	path := Object{"it": map[string]any{"$ref": "#/paths/~1api~1info"}}
	if path.Object("it").Object("get") == nil {
		t.Error("a reference with a slash in it leads nowhere")
	}
}
