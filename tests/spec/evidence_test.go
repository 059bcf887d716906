package spec_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spskit/spskit/tests/spec/tally"
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
	for _, problem := range evidenceProblems(doc) {
		t.Error(problem)
	}
	if text(doc, "x-evidence") != "" || text(at(doc, "info"), "x-evidence") != "assumed" {
		t.Error("the document as a whole is our own, and lends its evidence to nothing")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if summary := tally.Summary(tally.Statements(doc)); !strings.Contains(string(readme), summary) {
		t.Errorf("README.md does not say %q", summary)
	}
}

// evidenceProblems lists everything whose evidence is missing or malformed.
func evidenceProblems(doc object) []string {
	var problems []string
	for _, s := range tally.Statements(doc) {
		if s.Evidence == "" {
			problems = append(problems, s.Place+": no evidence")
		}
	}
	for _, part := range []string{"paths", "components"} {
		walk(doc[part], "", func(pointer string, o object) {
			if !strings.Contains(pointer, "/example") {
				problems = append(problems, markProblems(pointer, o)...)
			}
		})
	}
	return problems
}

// TestEvidenceIsMissed plants what TestEvidence is there to find.
func TestEvidenceIsMissed(t *testing.T) {
	for name, spoil := range map[string]func(doc object){
		"an operation without evidence": func(doc object) { delete(at(doc, "paths", "/api/info", "get"), "x-evidence") },
		"a schema without evidence":     func(doc object) { delete(at(doc, "components", "schemas", "Session"), "x-evidence") },
		"a parameter without evidence":  func(doc object) { delete(at(doc, "components", "parameters", "Limit"), "x-evidence") },
		"an unknown evidence":           func(doc object) { at(doc, "components", "schemas", "Session")["x-evidence"] = "certain" },
		"no source":                     func(doc object) { delete(at(doc, "components", "schemas", "Session"), "x-source") },
		"a source without a page":       func(doc object) { at(doc, "components", "schemas", "Session")["x-source"] = "6.0 LTS REST guide" },
		"a source of an assumption": func(doc object) {
			at(doc, "components", "schemas", "ErrorType")["x-source"] = "6.0 LTS REST guide, Errors"
		},
		"a source without evidence": func(doc object) {
			at(doc, "components", "schemas", "SessionProperties", "properties", "active")["x-source"] = "6.0 LTS REST guide, Errors"
		},
		"a version that is none":     func(doc object) { at(doc, "components", "schemas", "Session")["x-since"] = "new" },
		"a version that is a number": func(doc object) { at(doc, "components", "schemas", "Session")["x-until"] = 7.5 },
		"an assumption in a word": func(doc object) {
			at(doc, "components", "schemas", "Session")["x-assumed"] = []any{"perhaps"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc := document(t)
			before := len(evidenceProblems(doc))
			spoil(doc)
			if before != 0 || len(evidenceProblems(doc)) == 0 {
				t.Errorf("%d problems before, none after", before)
			}
		})
	}
}

// TestCoverage checks that README's table of endpoints is true.
func TestCoverage(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const missing = "testdata/endpoints.tsv"
	out, err := os.ReadFile(missing)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "<!-- coverage -->\n"+tally.Coverage(document(t), string(out))+"<!-- /coverage -->") {
		t.Errorf("put into README.md what this prints: go run ./tests/spec/evidence -coverage tests/spec/%s", missing)
	}
}

// assumedProblems checks a list of sentences that no source backs.
func assumedProblems(place string, v any) []string {
	sentences, _ := v.([]any)
	if len(sentences) == 0 {
		return []string{fmt.Sprintf("%s: x-assumed is %v, not a list of sentences", place, v)}
	}
	var problems []string
	for _, s := range sentences {
		if s, _ := s.(string); !strings.HasSuffix(s, ".") || !strings.Contains(s, " ") {
			problems = append(problems, fmt.Sprintf("%s: x-assumed %q is no sentence", place, s))
		}
	}
	return problems
}

func markProblems(place string, o object) (problems []string) {
	add := func(format string, args ...any) {
		problems = append(problems, place+": "+fmt.Sprintf(format, args...))
	}
	if sentences, ok := o["x-assumed"]; ok {
		problems = assumedProblems(place, sentences)
	}
	source, hasSource := o["x-source"].(string)
	switch evidence, marked := o["x-evidence"]; {
	case !marked:
		if hasSource {
			add("a source, but no evidence")
		}
	case evidence == "documented":
		if !guide.MatchString(source) {
			add("%q is not a guide's version and page", source)
		}
	case evidence == "client":
		if !client.MatchString(source) {
			add("%q is not a repository and what to find there", source)
		}
	case evidence == "assumed":
		if hasSource {
			add("assumed, and yet there is a source")
		}
	default:
		add("evidence %v", evidence)
	}
	for _, name := range []string{"x-since", "x-until"} {
		if v, ok := o[name]; ok {
			if s, _ := v.(string); !version.MatchString(s) {
				add("%s is %v", name, v)
			}
		}
	}
	return problems
}
