package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     `[]`,
		"# only a comment\n":                   `[]`,
		"null":                                 `[]`,
		"a: 1\n---\nb: 2\n---\n":               `[{"a":1},{"b":2}]`,
		"---\n# nothing\n---\na: 1\n":          `[{"a":1}]`,
		`{"a": [1, "x", null, true], "b": {}}`: `[{"a":[1,"x",null,true],"b":{}}]`,
		"{\n\t\"a\": 1\n}\n":                   `[{"a":1}]`,
		`{"a": "\ud83d\ude00"}`:                `[{"a":"😀"}]`,
		`{"a": "\/"}`:                          `[{"a":"/"}]`,
		"a: 0x1F\nb: +5\nc: 1.50\nd: 1e3":      `[{"a":31,"b":5,"c":1.50,"d":1e3}]`,
		"a: 1e400\nb: '1e400'":                 `[{"a":1e400,"b":"1e400"}]`,
		"a: 123456789012345678901234567890":    `[{"a":123456789012345678901234567890}]`,
		"a: 2026-01-02\nb: yes\nc: '5'\nd: ~":  `[{"a":"2026-01-02","b":"yes","c":"5","d":null}]`,
		"1: x\ntrue: y":                        `[{"1":"x","true":"y"}]`,
		"a: &x {b: 1}\nc: *x":                  `[{"a":{"b":1},"c":{"b":1}}]`,
		"a: |\n  two\n  lines\n":               `[{"a":"two\nlines\n"}]`,
	} {
		documents, err := parse([]byte(text))
		if documents == nil {
			documents = []any{}
		}
		if err != nil || !reflect.DeepEqual(any(documents), mustDecode(t, want)) {
			t.Errorf("%q: %v, %v; want %s", text, documents, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\na: 2":                     `line 2: "a" is there twice`,
		`{"a": 1, "a": 2}`:               `"a" is there twice`,
		"a: [":                           "line 1",
		"a: 1\n b: 2":                    "line 2",
		"a: .inf":                        "no number .inf",
		"a: 0x8000000000000000":          "no number",
		"? [a]\n: 1":                     "line 1: the name of a member has to be a text",
		"a: &x {b: 1}\nc: {<<: *x}":      "line 2: the name of a member has to be a text",
		"a: *nothing":                    "nothing",
		"a: &x [*x]":                     "too large",
		"{\"a\": \"\\ud83d\\ude00\", }x": "invalid Unicode",
		"a: !!bool maybe":                "maybe",
		strings.Repeat("[", 1001) + strings.Repeat("]", 1001): "too large",
		"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]": "too large",
	} {
		if documents, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %.60v, %v; want %s", text, documents, err, want)
		}
	}
}

func TestWritten(t *testing.T) {
	read := `{"policy":{"key":"k1","meta":{"href":"/api/x"}},"list":[{"key":"k2","meta":{"href":"/api/y"}}],
		"own":{"key":"k3","meta":{"href":"/api/z"},"more":1},"named":{"key":"k4"},"empty":{"key":null,"meta":{"href":"/api/z"}}}`
	want := `{"policy":"k1","list":["k2"],"own":{"key":"k3","meta":{"href":"/api/z"},"more":1},"named":{"key":"k4"},
		"empty":{"key":null,"meta":{"href":"/api/z"}}}`
	if got := written(mustDecode(t, read)); !reflect.DeepEqual(got, mustDecode(t, want)) {
		t.Errorf("%v", got)
	}
}

func TestUnified(t *testing.T) {
	before, after := mustDecode(t, `{"a":1,"b":"x"}`), mustDecode(t, `{"a":2,"b":"x"}`)
	for want, values := range map[string][2]any{
		"--- /p\n+++ /p\n@@ -1,2 +1,2 @@\n-a: 1\n+a: 2\n b: x\n": {before, after},
		"--- /dev/null\n+++ /p\n@@ -0,0 +1,2 @@\n+a: 2\n+b: x\n": {nil, after},
		"--- /p\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a: 1\n-b: x\n": {before, nil},
		"": {before, before},
	} {
		if got := unified("/p", values[0], values[1]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzParse: what is read can be written and read again, and JSON is read as JSON.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, input []byte) {
		documents, err := parse(input)
		if utf8.Valid(input) && json.Valid(input) {
			value, _ := decode(input) // is valid
			switch {
			case err != nil && !strings.Contains(err.Error(), "is there twice") && !strings.Contains(err.Error(), "too large"):
				t.Errorf("%q is JSON: %v", input, err)
			case err == nil && value != nil && (len(documents) != 1 || !reflect.DeepEqual(documents[0], value)):
				t.Errorf("%q is read as %v", input, documents)
			}
		}
		if err != nil {
			return
		}
		for _, document := range documents {
			if w, err := wishOf(document); err == nil && !strings.HasPrefix(w.path, "/") {
				t.Errorf("%q is for the path %q", input, w.path)
			}
			again, err := parse([]byte(text(document)))
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0], document) {
				t.Errorf("%q is written as %q, and read as %v, %v; it is %v", input, text(document), again, err, document)
			}
		}
	})
}
