package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"text/template"

	"github.com/theory/jsonpath"
)

// pathLines writes what an expression selects in each document: texts as they are,
// and everything else as JSON.
type pathLines struct {
	out  io.Writer
	path *jsonpath.Path
}

func (p pathLines) add(r row) error {
	value, err := decoded(r)
	if err != nil {
		return err
	}
	for _, found := range p.path.Select(value) {
		text, ok := found.(string)
		if !ok {
			document, err := marshal(found)
			if err != nil {
				return err
			}
			text = string(escapeJSON(document))
		}
		if _, err := io.WriteString(p.out, text+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (pathLines) end() error { return nil }

// templateLines runs a template for each document, and ends each with a line end
// unless the template does.
type templateLines struct {
	out      io.Writer
	template *template.Template
}

func (t templateLines) add(r row) error {
	value, err := decoded(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.template.Execute(&b, value); err != nil {
		return fmt.Errorf("the template cannot be filled in: %w", err)
	}
	if !bytes.HasSuffix(b.Bytes(), []byte("\n")) {
		b.WriteByte('\n')
	}
	_, err = t.out.Write(b.Bytes())
	return err
}

func (templateLines) end() error { return nil }

// decoded is the document with whole numbers as int64, so that expressions can compare
// them and print them with all their digits.
func decoded(r row) (any, error) {
	document, err := r.document()
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("a document is not JSON: %w", err)
	}
	return numbers(value), nil
}

func numbers(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = numbers(member)
		}
	case []any:
		for i, item := range v {
			v[i] = numbers(item)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if n, err := v.Float64(); err == nil {
			return n
		}
	}
	return value
}
