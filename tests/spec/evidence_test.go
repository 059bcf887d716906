package spec_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	guide   = regexp.MustCompile(`^[5-9]\.[0-9.x]+( LTS)? (REST|Administration|Installation|Desktop Player) guide, [A-Z].+$`)
	client  = regexp.MustCompile(`^OneIdentity/[A-Za-z-]+, .+$`)
	version = regexp.MustCompile(`^[5-9]\.([0-9]+|x)$`)
)

// TestEvidence checks that everything in the contract says how certain it is: by
// itself, or by inheritance from the operation or the component around it.
func TestEvidence(t *testing.T) {
	doc := document(t)
	counts := map[string]int{}
	for _, op := range operations(t) {
		checkEvidence(t, op.place, op.object, counts)
	}
	components := at(doc, "components")
	for _, kind := range sorted(components) {
		if kind == "examples" {
			continue // they show what is described elsewhere
		}
		for _, name := range sorted(at(components, kind)) {
			checkEvidence(t, kind+" "+name, at(components, kind, name), counts)
		}
	}
	if text(doc, "x-evidence") != "" || text(at(doc, "info"), "x-evidence") != "assumed" {
		t.Error("the document as a whole is our own, and lends its evidence to nothing")
	}
	summary := fmt.Sprintf("%d documented, %d client, %d assumed", counts["documented"], counts["client"], counts["assumed"])
	t.Log("evidence of operations, parameters, properties, responses, enum values and single sentences: " + summary)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 3 || !strings.Contains(string(readme), summary) {
		t.Errorf("README.md does not say %q", summary)
	}
}

// checkEvidence checks the root of a tree, which needs evidence of its own, and
// all that lies in it. It counts what the tree describes.
func checkEvidence(t *testing.T, place string, root object, counts map[string]int) {
	t.Helper()
	if text(root, "x-evidence") == "" {
		t.Errorf("%s: no evidence", place)
	}
	walk(root, "", func(pointer string, o object) {
		if strings.Contains(pointer, "/example") {
			return
		}
		checkMarks(t, place+pointer, o)
		if sentences, ok := o["x-assumed"]; ok {
			counts["assumed"] += checkAssumed(t, place+pointer, sentences)
		}
	})
	own := text(root, "x-evidence")
	counts[own]++
	count := func(o object) {
		if text(o, "$ref") != "" {
			return // counted where it leads
		}
		if nearer := text(o, "x-evidence"); nearer != "" {
			counts[nearer]++
			return
		}
		counts[own]++
	}
	for _, part := range []string{"properties", "responses", "x-values"} {
		for name := range at(root, part) {
			count(at(root, part, name))
		}
	}
}

// checkAssumed checks a list of sentences that no source backs, and counts them.
func checkAssumed(t *testing.T, place string, v any) int {
	t.Helper()
	sentences, _ := v.([]any)
	if len(sentences) == 0 {
		t.Errorf("%s: x-assumed is %v, not a list of sentences", place, v)
	}
	for _, s := range sentences {
		s, _ := s.(string)
		checkSentence(t, place+" x-assumed", s)
		if !strings.HasSuffix(s, ".") {
			t.Errorf("%s: x-assumed %q is no sentence", place, s)
		}
	}
	return len(sentences)
}

func checkMarks(t *testing.T, place string, o object) {
	t.Helper()
	source, hasSource := o["x-source"].(string)
	switch evidence, marked := o["x-evidence"]; {
	case !marked:
		if hasSource {
			t.Errorf("%s: a source, but no evidence", place)
		}
	case evidence == "documented":
		if !guide.MatchString(source) {
			t.Errorf("%s: %q is not a guide's version and page", place, source)
		}
	case evidence == "client":
		if !client.MatchString(source) {
			t.Errorf("%s: %q is not a repository and what to find there", place, source)
		}
	case evidence == "assumed":
		if hasSource {
			t.Errorf("%s: assumed, and yet there is a source", place)
		}
	default:
		t.Errorf("%s: evidence %v", place, evidence)
	}
	for _, name := range []string{"x-since", "x-until"} {
		if v, ok := o[name]; ok {
			if s, _ := v.(string); !version.MatchString(s) {
				t.Errorf("%s: %s is %v", place, name, v)
			}
		}
	}
}
