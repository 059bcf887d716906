package explain

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spskit/spskit/client/internal/cli/contract"
	"github.com/spskit/spskit/client/internal/cli/output"
)

const width = 96

// text is what is written about a topic.
type text struct {
	recursive bool
	lines     []output.Line
}

func (t *text) line(indent int, words string, tone output.Tone) {
	t.lines = append(t.lines, output.Line{Text: strings.TrimRight(strings.Repeat(" ", indent)+words, " "), Tone: tone})
}

// paragraphs writes a description: its paragraphs are wrapped, its tables, lists and
// programs are left as they are.
func (t *text) paragraphs(indent int, markdown string) {
	var paragraph []string
	flush := func() {
		line := ""
		for _, word := range strings.Fields(strings.NewReplacer("**", "", "`", "").Replace(strings.Join(paragraph, " "))) {
			if line != "" && indent+output.Width(line)+1+output.Width(word) > width {
				t.line(indent, line, output.Plain)
				line = ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		if line != "" {
			t.line(indent, line, output.Plain)
		}
		paragraph = nil
	}
	program := false
	for line := range strings.SplitSeq(markdown, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			flush()
			program = !program
		case program:
			t.line(indent+2, line, output.Plain)
		case trimmed == "":
			flush()
			if markdown != "" {
				t.line(0, "", output.Plain)
			}
		case strings.HasPrefix(trimmed, "#"):
			flush()
			t.line(indent, strings.TrimLeft(trimmed, "# "), output.Strong)
		case strings.HasPrefix(trimmed, "|---"):
		case strings.HasPrefix(trimmed, "|"):
			flush()
			t.line(indent, strings.NewReplacer("`", "", `\|`, "|").Replace(strings.Trim(trimmed, "| ")), output.Plain)
		case strings.HasPrefix(trimmed, "- "), strings.HasPrefix(trimmed, "* "):
			flush()
			paragraph = []string{trimmed}
		default:
			paragraph = append(paragraph, trimmed)
		}
	}
	flush()
}

// evidence says what backs a part of the contract, if it says so itself, and in which
// versions it exists.
func (t *text) evidence(indent int, part contract.Object) {
	var words []string
	if e := part.Text("x-evidence"); e != "" {
		if source := part.Text("x-source"); source != "" {
			e += ": " + source
		}
		words = append(words, e)
	}
	if since := part.Text("x-since"); since != "" {
		words = append(words, "since "+since)
	}
	if until := part.Text("x-until"); until != "" {
		words = append(words, "until "+until)
	}
	if len(words) > 0 {
		t.line(indent, "["+strings.Join(words, "; ")+"]", output.Faint)
	}
	for _, assumed := range part.Texts("x-assumed") {
		t.paragraphs(indent, assumed+" (assumed)")
	}
}

func (t *text) schema(indent int, title string, schema contract.Object) {
	if schema == nil {
		return
	}
	t.line(indent, title+": "+kind(schema), output.Strong)
	t.members(indent+2, schema, 1, nil)
}

// members writes the members of an object, or of the objects in a list. above are the
// schemas that these are in.
func (t *text) members(indent int, schema contract.Object, depth int, above []contract.Object) {
	if slices.ContainsFunc(above, func(o contract.Object) bool { return reflect.DeepEqual(o, schema) }) || depth > 12 {
		return
	}
	above = append(above, schema)
	if items := contract.Items(schema); items != nil {
		t.members(indent, items, depth, above)
		return
	}
	required := map[string]int{}
	forms := contract.Alternatives(schema)
	for _, form := range forms {
		for _, name := range form.Texts("required") {
			required[name]++
		}
	}
	properties, _ := contract.Properties(schema)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		t.property(indent, name, properties[name], required[name] == len(forms))
		if t.recursive {
			t.members(indent+2, properties[name], depth+1, above)
		}
	}
}

func (t *text) property(indent int, name string, schema contract.Object, required bool) {
	schema = contract.Merged(schema)
	words := name + " <" + kind(schema) + ">"
	if required {
		words += " required"
	}
	t.line(indent, words, output.Strong)
	t.paragraphs(indent+2, schema.Text("description"))
	if values := values(schema); len(values) > 0 {
		t.paragraphs(indent+2, "one of: "+strings.Join(values, ", "))
	}
	for _, limit := range []string{"minimum", "maximum", "minLength", "maxLength", "pattern", "format", "default"} {
		if value := (contract.Object{"v": []any{schema[limit]}}).Texts("v")[0]; schema[limit] != nil {
			t.line(indent+2, limit+": "+value, output.Plain)
		}
	}
	t.evidence(indent+2, schema)
}

// values are those of an enumeration in all forms.
func values(schema contract.Object) (all []string) {
	for _, form := range contract.Alternatives(schema) {
		for _, value := range form.Texts("enum") {
			if !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	return all
}

func kind(schema contract.Object) string {
	var kinds []string
	for _, form := range contract.Alternatives(schema) {
		k := form.Text("type")
		switch {
		case k == "array":
			k = "list of " + kind(form.Object("items"))
		case k == "" && form.Object("properties") != nil:
			k = "object"
		case k == "":
			k = "any"
		}
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
		if form["nullable"] == true && !slices.Contains(kinds, "null") {
			kinds = append(kinds, "null")
		}
	}
	return strings.Join(kinds, " or ")
}

// responses writes the failures of an operation.
func (t *text) responses(responses contract.Object) {
	title := false
	for _, status := range responses.Names() {
		if strings.HasPrefix(status, "2") || strings.HasPrefix(status, "3") {
			continue
		}
		if !title {
			t.line(2, "Errors", output.Strong)
			title = true
		}
		t.paragraphs(4, status+" "+strings.ReplaceAll(responses.Object(status).Text("description"), "\n", " "))
	}
}
