package audit

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// schema is as much of a schema of the contract as says which members there are.
type schema struct {
	Ref        string            `yaml:"$ref"`
	AllOf      []schema          `yaml:"allOf"`
	Properties map[string]schema `yaml:"properties"`
}

// The fields that can be asked for are the properties that the contract gives to
// a session.
func TestKnownPathsAreTheContracts(t *testing.T) {
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
	documented := make(map[string]bool)
	var walk func(prefix string, s schema)
	walk = func(prefix string, s schema) {
		if s.Ref != "" {
			walk(prefix, contract.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")])
		}
		for _, part := range s.AllOf {
			walk(prefix, part)
		}
		for name, property := range s.Properties {
			documented[prefix+name] = true
			walk(prefix+name+".", property)
		}
	}
	walk("", contract.Components.Schemas[schemaSession])
	if diff := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(known))); diff != "" {
		t.Errorf("(-contract +known)\n%s", diff)
	}
	for _, name := range []string{schemaSession, schemaChannel, schemaAlert, schemaEvent, schemaIndexing} {
		if _, ok := contract.Components.Schemas[name]; !ok {
			t.Errorf("the contract has no schema %s", name)
		}
	}
}
