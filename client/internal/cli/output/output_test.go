package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

type thing struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

var thingColumns = []Column[thing]{
	{Name: "name", Reads: []string{"n"}, Value: func(t thing) any { return t.Name }, Tone: func(t thing) Tone {
		if t.Count < 0 {
			return Bad
		}
		return Plain
	}},
	{Name: "count", Wide: true, Reads: []string{"c"}, Value: func(t thing) any { return t.Count }},
}

func format(t testing.TB, text string) *Format {
	t.Helper()
	f := &Format{}
	if err := f.Set(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

// show prints a result, and gives data and words.
func show(t testing.TB, text string, r Result, p Printer) (string, string, error) {
	t.Helper()
	var out, words bytes.Buffer
	p.Out, p.Location = &out, time.UTC
	p.Note = func(w string) { words.WriteString(w) }
	err := p.Print(format(t, text), r)
	return out.String(), words.String(), err
}

func TestFormats(t *testing.T) {
	things := []thing{{"one & only", 1}, {"deux\n", 1234567890123456789}}
	for text, want := range map[string][3]string{ // of the list, of the first one, of none
		"table":                   {"NAME\none & only\ndeux\\n\n", "name:  one & only\n", ""},
		"wide":                    {"NAME        COUNT\none & only  1\ndeux\\n      1234567890123456789\n", "name:   one & only\ncount:  1\n", ""},
		"csv":                     {"name,count\none & only,1\n\"deux\n\",1234567890123456789\n", "name,count\none & only,1\n", "name,count\n"},
		"json":                    {"[\n  {\n    \"name\": \"one & only\",\n    \"count\": 1\n  },\n  {\n    \"name\": \"deux\\n\",\n    \"count\": 1234567890123456789\n  }\n]\n", "{\n  \"name\": \"one & only\",\n  \"count\": 1\n}\n", "[]\n"},
		"ndjson":                  {"{\"name\":\"one & only\",\"count\":1}\n{\"name\":\"deux\\n\",\"count\":1234567890123456789}\n", "{\"name\":\"one & only\",\"count\":1}\n", ""},
		"yaml":                    {"- name: one & only\n  count: 1\n- name: |\n    deux\n  count: 1234567890123456789\n", "name: one & only\ncount: 1\n", "[]\n"},
		"jsonpath=$.count":        {"1\n1234567890123456789\n", "1\n", ""},
		"jsonpath={.name}":        {"one & only\ndeux\n\n", "one & only\n", ""},
		"template={{.count}}":     {"1\n1234567890123456789\n", "1\n", ""},
		"template={{json .name}}": {"\"one \\u0026 only\"\n\"deux\\n\"\n", "\"one \\u0026 only\"\n", ""},
	} {
		for i, r := range []Result{Slice("things", thingColumns, things), One(thingColumns, things[0]), Slice("things", thingColumns, nil)} {
			got, _, err := show(t, text, r, Printer{})
			if got != want[i] || err != nil {
				t.Errorf("%s of result %d: error %v, got\n%q, want\n%q", text, i, err, got, want[i])
			}
		}
	}
}

func TestValue(t *testing.T) {
	for text, want := range map[string]string{
		"table": "7\n", "csv": "count\n7\n", "json": "{\n  \"count\": 7\n}\n", "jsonpath=.count": "7\n", "yaml": "count: 7\n",
	} {
		if got, _, err := show(t, text, Value("count", 7), Printer{}); got != want || err != nil {
			t.Errorf("%s: %q, error %v", text, got, err)
		}
	}
}

func TestNothingFound(t *testing.T) {
	if out, words, err := show(t, "table", Slice("things", thingColumns, nil), Printer{}); out != "" || words != "No things." || err != nil {
		t.Errorf("output %q, words %q, error %v", out, words, err)
	}
}

// A list that fails in the middle shows what there was, and no JSON that looks whole.
func TestListFails(t *testing.T) {
	broken := errors.New("the line is dead")
	for text, want := range map[string]string{
		"table": "NAME\na\n", "csv": "name,count\na,1\n", "json": "[\n  {\n    \"name\": \"a\",\n    \"count\": 1\n  }", "ndjson": "{\"name\":\"a\",\"count\":1}\n",
	} {
		items := func(yield func(thing, error) bool) {
			_ = yield(thing{"a", 1}, nil) && yield(thing{}, broken)
		}
		got, _, err := show(t, text, List("things", thingColumns, items), Printer{})
		if got != want || !errors.Is(err, broken) {
			t.Errorf("%s: %q, error %v", text, got, err)
		}
	}
}

// A table begins before its list has ended, and its columns only grow.
func TestTableStreams(t *testing.T) {
	var out bytes.Buffer
	items := func(yield func(thing, error) bool) {
		for i := range chunk + 1 {
			if i == chunk && !strings.HasPrefix(out.String(), "NAME") {
				t.Error("nothing is shown after the first chunk")
			}
			if !yield(thing{strings.Repeat("x", 1+i/chunk*5), int64(i)}, nil) {
				return
			}
		}
	}
	p := Printer{Out: &out, Location: time.UTC, Note: func(string) {}}
	if err := p.Print(format(t, "wide"), List("things", thingColumns, items)); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); lines[1] != "x     0" || lines[chunk+1] != fmt.Sprintf("xxxxxx  %d", chunk) {
		t.Errorf("%q, %q", lines[1], lines[chunk+1])
	}
}

// A writer that takes no more ends the list early.
func TestWriterFails(t *testing.T) {
	full, read := errors.New("disk full"), 0
	items := func(yield func(thing, error) bool) {
		for read = range 1_000_000 {
			if !yield(thing{strings.Repeat("x", 100), 1}, nil) {
				return
			}
		}
	}
	for _, text := range []string{"table", "csv", "json", "ndjson", "yaml", "jsonpath=.name", "template={{.name}}"} {
		p := Printer{Out: failing{full}, Location: time.UTC}
		if err := p.Print(format(t, text), List("things", thingColumns, items)); !errors.Is(err, full) || read > 10_000 {
			t.Errorf("%s: error %v after %d rows", text, err, read)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestColors(t *testing.T) {
	things := []thing{{"a", -1}, {"b", 1}}
	got, _, _ := show(t, "wide", Slice("things", thingColumns, things), Printer{Terminal: true, Color: true})
	want := "\x1b[1mNAME\x1b[0m  \x1b[1mCOUNT\x1b[0m\n\x1b[31ma\x1b[0m     -1\nb     1\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWideCharactersAreAligned(t *testing.T) {
	things := []thing{{"東京", 1}, {"é", 2}, {"abcd", 3}}
	got, _, _ := show(t, "wide", Slice("things", thingColumns, things), Printer{})
	if want := "NAME  COUNT\n東京  1\né     2\nabcd  3\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCells(t *testing.T) {
	moment := time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.FixedZone("", 3600))
	var none *time.Time
	for _, tt := range []struct {
		value            any
		people, programs string
	}{
		{moment, "2026-01-02 02:04:05", "2026-01-02T02:04:05.6Z"},
		{&moment, "2026-01-02 02:04:05", "2026-01-02T02:04:05.6Z"},
		{time.Time{}, "-", ""},
		{none, "-", ""},
		{nil, "-", ""},
		{90 * time.Second, "1m30s", "90"},
		{true, "yes", "true"},
		{false, "no", "false"},
		{uint16(7), "7", "7"},
		{json.Number("1e3"), "1e3", "1e3"},
		{[]string{"a", "b"}, "a, b", "a, b"},
		{map[string]any{"a": "<1>"}, `{"a":"<1>"}`, `{"a":"<1>"}`},
		{[]int(nil), "-", ""},
	} {
		if got := (cell{value: tt.value}).forPeople(time.UTC); got != tt.people {
			t.Errorf("%#v: people see %q, want %q", tt.value, got, tt.people)
		}
		if got := (cell{value: tt.value}).forPrograms(); got != tt.programs {
			t.Errorf("%#v: programs see %q, want %q", tt.value, got, tt.programs)
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	for _, text := range []string{"", "xml", "JSON", "json=", "wide=x", "jsonpath", "jsonpath=", "jsonpath=$[", "template", "template=", "template={{.a", "template={{exec}}"} {
		if err := (&Format{}).Set(text); err == nil {
			t.Errorf("%q is taken for a format", text)
		}
	}
	if err := (&Format{}).Set("xml"); !strings.Contains(err.Error(), "table, wide, json, ndjson, yaml, csv, jsonpath=EXPR, template=TEXT") {
		t.Errorf("the error names no choices: %v", err)
	}
}

func TestReads(t *testing.T) {
	for text, want := range map[string]string{"table": "n", "wide": "n,c", "csv": "n,c"} {
		if got := strings.Join(Reads(format(t, text), thingColumns), ","); got != want {
			t.Errorf("%s reads %s, want %s", text, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain é 東": "plain é 東", "\x1b[2J": `\x1b[2J`, "a\nb\tc\r": `a\nb\tc\r`, "\x7f\u009b": `\x7f\u009b`,
		"\u202eabc\u2066": `\u202eabc\u2066`, "\xff\xfe": `\xff\xfe`, "\ufffd": "\ufffd", "\u2028": `\u2028`,
	} {
		if got := Clean(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// JSON means the same after it has been made safe.
func FuzzEscapeJSON(f *testing.F) {
	f.Add("\u009b\u202e\x7f\xff")
	f.Fuzz(func(t *testing.T, text string) {
		document, err := marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		escaped := escapeJSON(document)
		if json.Unmarshal(document, &before) != nil || json.Unmarshal(escaped, &after) != nil || before != after {
			t.Fatalf("%s became %s", document, escaped)
		}
		if Clean(string(escaped)) != string(escaped) {
			t.Fatalf("%q reaches the terminal", escaped)
		}
	})
}

func TestDisarm(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "@x": "'@x", "+cmd": "'+cmd", "-cmd": "'-cmd", "-5": "-5", "+1.5e3": "+1.5e3", "-0x1F": "'-0x1F", "-inf": "'-inf",
		"\t=1": "'\t=1", "  =1": "  '=1", "a;=1": "a;'=1", "a=1": "a=1", "": "", "\uff1d1": "'\uff1d1", "-": "'-",
	} {
		if got := disarm(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// What is YAML in a text stays a text, and every character can be read again.
func TestYAMLTexts(t *testing.T) {
	for _, name := range []string{"yes", "1", "null", "2026-01-02", "- a", "a: b", "#", "\x1b\u009b", "😀", "a\nb", " x ", "'", `"`} {
		got, _, err := show(t, "yaml", One(thingColumns, thing{name, 1}), Printer{})
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
		var back thing
		if err := yaml.Unmarshal([]byte(got), &back); err != nil || back.Name != name {
			t.Errorf("%q is %q in YAML, and %q when it is read, error %v", name, got, back.Name, err)
		}
	}
}
