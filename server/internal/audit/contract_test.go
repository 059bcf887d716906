package audit

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/spskit/spskit/server/internal/query"
)

// schema is as much of a schema of the contract as says which members there are.
type schema struct {
	Ref        string            `yaml:"$ref"`
	AllOf      []schema          `yaml:"allOf"`
	Properties map[string]schema `yaml:"properties"`
	Enum       []string          `yaml:"enum"`

	FieldTypes map[string][]string `yaml:"x-field-types"`
}

// contractSchemas reads the schemas of the contract.
func contractSchemas(t *testing.T) map[string]schema {
	t.Helper()
	document, err := os.ReadFile("../../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Components struct {
			Schemas map[string]schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(document, &contract); err != nil {
		t.Fatal(err)
	}
	return contract.Components.Schemas
}

// The search fields are those that the contract lists, and have the types that it
// gives them.
func TestSearchFieldsAreTheContracts(t *testing.T) {
	listed := contractSchemas(t)["SearchField"]
	var paths []string
	types := make(map[string][]string)
	names := map[query.Type]string{
		query.Keyword: "keyword", query.Long: "long", query.Bool: "boolean", query.Date: "date", query.IP: "ip",
	}
	for i := range query.Fields {
		f := &query.Fields[i]
		paths = append(paths, f.Path)
		types[names[f.Type]] = append(types[names[f.Type]], f.Path)
	}
	if diff := cmp.Diff(listed.Enum, paths); diff != "" {
		t.Errorf("(-contract +registry)\n%s", diff)
	}
	if diff := cmp.Diff(listed.FieldTypes, types); diff != "" {
		t.Errorf("types (-contract +registry)\n%s", diff)
	}
}

// The sizes of bins are those of the contract.
func TestBinSizesAreTheContracts(t *testing.T) {
	listed := contractSchemas(t)["BinSize"].Enum
	slices.Sort(listed)
	if diff := cmp.Diff(listed, slices.Sorted(maps.Keys(binSizes))); diff != "" {
		t.Errorf("(-contract +ours)\n%s", diff)
	}
}

// The fields that can be asked for are the properties that the contract gives to
// a session.
func TestKnownPathsAreTheContracts(t *testing.T) {
	schemas := contractSchemas(t)
	documented := make(map[string]bool)
	var walk func(prefix string, s schema)
	walk = func(prefix string, s schema) {
		if s.Ref != "" {
			walk(prefix, schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")])
		}
		for _, part := range s.AllOf {
			walk(prefix, part)
		}
		for name, property := range s.Properties {
			documented[prefix+name] = true
			walk(prefix+name+".", property)
		}
	}
	walk("", schemas[schemaSession])
	if diff := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(known))); diff != "" {
		t.Errorf("(-contract +known)\n%s", diff)
	}
	for _, name := range []string{schemaSession, schemaChannel, schemaAlert, schemaEvent, schemaIndexing} {
		if _, ok := schemas[name]; !ok {
			t.Errorf("the contract has no schema %s", name)
		}
	}
}
