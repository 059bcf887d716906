package spec

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/spskit/spskit/gen/apispec"
)

// TestLoadAgreesWithTheLibrary compares what load makes of the contract with
// what kin-openapi's own loader makes of it.
func TestLoadAgreesWithTheLibrary(t *testing.T) {
	raw, err := apispec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	ours := Document()
	compare(t, "schemas", theirs.Components.Schemas, ours.Components.Schemas)
	compare(t, "security", theirs.Security, ours.Security)
	compare(t, "security schemes", theirs.Components.SecuritySchemes, ours.Components.SecuritySchemes)
	if got, want := ours.Paths.Len(), theirs.Paths.Len(); got != want {
		t.Fatalf("%d paths, want %d", got, want)
	}
	for path, item := range theirs.Paths.Map() {
		if len(item.Parameters) > 0 {
			t.Errorf("%s: parameters belong to operations, or load has to learn about them", path)
		}
		if got, want := len(ours.Paths.Value(path).Operations()), len(item.Operations()); got != want {
			t.Errorf("%s: %d operations, want %d", path, got, want)
		}
		for method, op := range item.Operations() {
			route := Route(method, path)
			if route == nil {
				t.Errorf("no route for %s %s", method, path)
				continue
			}
			name := op.OperationID
			compare(t, name, []any{op.OperationID, op.Tags, op.Security},
				[]any{route.Operation.OperationID, route.Operation.Tags, route.Operation.Security})
			compare(t, name+" parameters", resolvedParameters(op), resolvedParameters(route.Operation))
			compare(t, name+" body", resolvedBody(op), resolvedBody(route.Operation))
		}
	}
}

func resolvedParameters(op *openapi3.Operation) []*openapi3.Parameter {
	var all []*openapi3.Parameter
	for _, p := range op.Parameters {
		all = append(all, p.Value)
	}
	return all
}

func resolvedBody(op *openapi3.Operation) *openapi3.RequestBody {
	if op.RequestBody == nil {
		return nil
	}
	return op.RequestBody.Value
}

func compare(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(plain(t, want), plain(t, got)); diff != "" {
		t.Errorf("%s (-library +load):\n%s", what, diff)
	}
}

// plain brings a value into its JSON form, without prose and extensions.
func plain(t *testing.T, v any) any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(raw, &decoded); err != nil {
		t.Fatal(err)
	}
	return strip(decoded, false)
}

func strip(v any, names bool) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			prose := name == "description" || name == "example" || name == "examples" || strings.HasPrefix(name, "x-") ||
				name == "anyOf" // which load makes of x-when-enabled, and tests/spec forbids
			if prose && !names {
				delete(v, name)
				continue
			}
			v[name] = strip(member, name == "properties")
		}
	case []any:
		for i := range v {
			v[i] = strip(v[i], false)
		}
	}
	return v
}

func TestLoadRefuses(t *testing.T) {
	const operation = `"get":{"operationId":"a","tags":["b"]}`
	for name, document := range map[string]string{
		"no JSON":           `{`,
		"a wrong type":      `{"paths":{"/a":{"get":{"tags":"b"}}}}`,
		"a strange method":  `{"paths":{"/a":{"fetch":{"operationId":"a","tags":["b"]}}}}`,
		"no operationId":    `{"paths":{"/a":{"get":{"tags":["b"]}}}}`,
		"two tags":          `{"paths":{"/a":{"get":{"operationId":"a","tags":["b","c"]}}}}`,
		"a lost schema":     `{"paths":{"/a":{` + operation + `}},"components":{"schemas":{"A":{"items":{"$ref":"#/components/schemas/B"}}}}}`,
		"a lost parameter":  `{"paths":{"/a":{"get":{"operationId":"a","tags":["b"],"parameters":[{"$ref":"#/components/parameters/P"}]}}}}`,
		"a lost body":       `{"paths":{"/a":{"get":{"operationId":"a","tags":["b"],"requestBody":{"$ref":"#/components/requestBodies/P"}}}}}`,
		"a schema of extra": `{"components":{"schemas":{"A":{"additionalProperties":{"type":"string"}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := load([]byte(document)); err == nil {
				t.Error("took it")
			}
		})
	}
	c, err := load([]byte(`{"paths":{"/a":{` + operation + `}}}`))
	if err != nil || c.routes[http.MethodGet+" /a"] == nil {
		t.Errorf("refused a small contract: %v", err)
	}
}

func BenchmarkLoad(b *testing.B) {
	raw, err := apispec.JSON()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := load(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			if _, err := openapi3.NewLoader().LoadFromData(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}
