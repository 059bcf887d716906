package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/spskit/spskit/client/internal/cli/failure"
)

const document = `{"a":{"b":1,"c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`

func mustDecode(t *testing.T, text string) any {
	t.Helper()
	value, err := decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func TestAssign(t *testing.T) {
	for argument, want := range map[string]string{
		`a.b=5`:                       `{"a":{"b":5,"c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`a.b="5"`:                     `{"a":{"b":"5","c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`a.b=five`:                    `{"a":{"b":"five","c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`a.b=`:                        `{"a":{"b":"","c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`a.b=x=y`:                     `{"a":{"b":"x=y","c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`a.c\.d=null`:                 `{"a":{"b":1,"c.d":null},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`a={"n":[true]}`:              `{"a":{"n":[true]},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`list.1.x=3`:                  `{"a":{"b":1,"c.d":2},"list":[{"x":1},{"x":3}],"text":"t","none":null}`,
		`list.0={}`:                   `{"a":{"b":1,"c.d":2},"list":[{},{"x":2}],"text":"t","none":null}`,
		`list=[]`:                     `{"a":{"b":1,"c.d":2},"list":[],"text":"t","none":null}`,
		`new.er=18446744073709551616`: `{"a":{"b":1,"c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null,"new":{"er":18446744073709551616}}`,
		`none.x=1`:                    `{"a":{"b":1,"c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":{"x":1}}`,
		`unset a.b`:                   `{"a":{"c.d":2},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`unset a.c\.d`:                `{"a":{"b":1},"list":[{"x":1},{"x":2}],"text":"t","none":null}`,
		`unset list.0`:                `{"a":{"b":1,"c.d":2},"list":[{"x":2}],"text":"t","none":null}`,
		`unset list.1.x`:              `{"a":{"b":1,"c.d":2},"list":[{"x":1},{}],"text":"t","none":null}`,
		`unset none`:                  `{"a":{"b":1,"c.d":2},"list":[{"x":1},{"x":2}],"text":"t"}`,
		`unset not.there`:             document,
		`unset none.there`:            document,
	} {
		before := mustDecode(t, document)
		s, err := parse1(argument)
		if err != nil {
			t.Errorf("%s: %v", argument, err)
			continue
		}
		if got, err := s.assign(before); err != nil || !reflect.DeepEqual(got, mustDecode(t, want)) {
			t.Errorf("%s: %v, %v", argument, got, err)
		}
		if !reflect.DeepEqual(before, mustDecode(t, document)) {
			t.Errorf("%s has changed the value itself: %v", argument, before)
		}
	}
}

// parse1 reads an assignment, or the name of a member behind "unset".
func parse1(argument string) (assignment, error) {
	if name, ok := strings.CutPrefix(argument, "unset "); ok {
		return parseUnset(name)
	}
	return parseAssignment(argument)
}

func TestAssignRefuses(t *testing.T) {
	for argument, want := range map[string]string{
		"a.b":                         "no assignment",
		"":                            "no assignment",
		"=5":                          "no name",
		"a..b=5":                      "no name",
		".a=5":                        "no name",
		"a.=5":                        "no name",
		"unset ":                      "no name",
		"list.2=5":                    `no element "2"`,
		"list.-1=5":                   `no element "-1"`,
		"list.x=5":                    `no element "x"`,
		"unset list.2":                `no element "2"`,
		"text.x=5":                    "no object",
		"a.b.c=5":                     "no object",
		"unset text.x":                "no object",
		"list.0.x.deep=5":             "no object",
		"list.99999999999999999999=5": "no element",
	} {
		s, err := parse1(argument)
		if err == nil {
			_, err = s.assign(mustDecode(t, document))
		}
		if err == nil || !strings.Contains(err.Error(), want) || failure.CodeOf(err) != failure.UsageError {
			t.Errorf("%s: %v", argument, err)
		}
	}
}

// at gives what is at a path of names.
func at(value any, path []string) any {
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// FuzzAssign: what is assigned to a member is there afterwards, and once it is unset
// nothing is.
func FuzzAssign(f *testing.F) {
	f.Fuzz(func(t *testing.T, argument string) {
		s, err := parseAssignment(argument)
		if err != nil || strings.Contains(argument, "\x00") {
			return
		}
		value, err := s.assign(nil)
		if err != nil || !reflect.DeepEqual(at(value, s.path), s.value) {
			t.Fatalf("%q gives %v, %v", argument, value, err)
		}
		again, err := s.assign(value)
		if err != nil || !reflect.DeepEqual(again, value) {
			t.Errorf("%q gives %v the second time, %v", argument, again, err)
		}
		s.unset = true
		if value, err = s.assign(value); err != nil || at(value, s.path) != nil {
			t.Errorf("unset %q leaves %v, %v", argument, value, err)
		}
		_, _ = s.assign(mustDecode(t, document)) // may be refused
	})
}
