package output

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"github.com/theory/jsonpath"
)

// Formats are the formats as people write them.
var Formats = []string{"table", "wide", "json", "ndjson", "yaml", "csv", "jsonpath=EXPR", "template=TEXT"}

// Format is a value of -o. The zero Format is a table. It is a pflag.Value.
type Format struct {
	name     string
	text     string // as it was given
	path     *jsonpath.Path
	template *template.Template
}

// String is the format as it was given.
func (f *Format) String() string {
	if f.text == "" {
		return "table"
	}
	return f.text
}

// Type is the name of the value in help texts.
func (*Format) Type() string { return "FORMAT" }

// Set takes a format as people write it.
func (f *Format) Set(text string) (err error) {
	name, argument, given := strings.Cut(text, "=")
	parsed := Format{name: name, text: text}
	switch name {
	case "table", "wide", "json", "ndjson", "yaml", "csv":
		if given {
			return fmt.Errorf("%s takes no argument", name)
		}
	case "jsonpath":
		parsed.path, err = parsePath(argument)
	case "template":
		if argument == "" {
			return fmt.Errorf("template needs a text, such as template='{{.key}}'")
		}
		parsed.template, err = template.New("-o").Funcs(template.FuncMap{"json": toJSON}).Parse(argument)
	default:
		return fmt.Errorf("%q is not a format: use %s", text, strings.Join(Formats, ", "))
	}
	if err != nil {
		return err
	}
	*f = parsed
	return nil
}

// Columns tells whether only columns are shown, so that nothing else needs to be read.
func (f *Format) Columns() bool {
	return f.name == "" || f.name == "table" || f.wide()
}

// wide tells whether columns that are Wide are shown.
func (f *Format) wide() bool { return f.name == "wide" || f.name == "csv" }

// parsePath takes expressions as RFC 9535 and as kubectl write them.
func parsePath(text string) (*jsonpath.Path, error) {
	expression := strings.TrimSpace(text)
	if strings.HasPrefix(expression, "{") && strings.HasSuffix(expression, "}") {
		expression = expression[1 : len(expression)-1]
	}
	switch {
	case expression == "":
		return nil, fmt.Errorf("jsonpath needs an expression, such as jsonpath=$.body.user.name")
	case expression[0] == '.' || expression[0] == '[':
		expression = "$" + expression
	case expression[0] != '$':
		expression = "$." + expression
	}
	path, err := jsonpath.Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", expression, err)
	}
	return path, nil
}

func toJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}
