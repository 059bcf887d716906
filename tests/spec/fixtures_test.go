// Package spec_test proves the contract itself: that the samples of the guide
// pages fit it, that documents which almost fit don't, that the generated types
// lose nothing, and that the contract keeps its own rules.
package spec_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/contract"
)

// fixture is a document that others have made; its folder names its schema.
//
// The samples of the guide pages are as the pages print them, with one exception: the two samples of
// channels are fragments. They begin with the word "channels" instead of a
// document, and the second lacks its closing bracket. Where they come from, every
// other list is an object with items and meta, and the items of the fragments
// have the form that items have; so the fixtures have that envelope around them.
//
// From the vendor's client come what its test data hold, with a made-up link
// where they have one, and the least that it relies on.
type fixture struct {
	name   string // such as "ProtocolOptions/local"
	schema string
	raw    []byte
}

func fixtures(tb testing.TB) []fixture {
	tb.Helper()
	guides, client := fixtureFiles(tb, "fixtures"), fixtureFiles(tb, "client")
	if len(guides) != 14 {
		tb.Errorf("%d fixtures, but the guide pages have 14 samples", len(guides))
	}
	paths := slices.Concat(guides, client)
	all := make([]fixture, len(paths))
	for i, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		schema := filepath.Base(filepath.Dir(path))
		all[i] = fixture{name: schema + "/" + strings.TrimSuffix(filepath.Base(path), ".json"), schema: schema, raw: raw}
	}
	return all
}

func fixtureFiles(tb testing.TB, root string) []string {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", root, "*", "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return paths
}

// examples are the examples of the contract, as far as they are documents of a
// named schema.
func examples(tb testing.TB) []fixture {
	tb.Helper()
	var all []fixture
	for _, c := range contents(tb) {
		for _, name := range sorted(c.examples) {
			raw, err := json.Marshal(c.examples[name])
			if err != nil {
				tb.Fatal(err)
			}
			all = append(all, fixture{name: c.place + " " + name, schema: c.schema, raw: raw})
		}
	}
	return all
}

func TestFixtures(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			if err := contract.Validate(f.schema, f.raw); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestExamples(t *testing.T) {
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			if err := contract.Validate(e.schema, e.raw); err != nil {
				t.Error(err)
			}
		})
	}
}
