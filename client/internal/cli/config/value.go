package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/rogpeppe/go-internal/diff"
	"go.yaml.in/yaml/v3"

	"github.com/spskit/spskit/client/internal/cli/output"
)

// parse reads the documents of a text in YAML, of which JSON is a part, as JSON has
// them: numbers keep their digits, and what JSON knows no type of is a string.
func parse(text []byte) (documents []any, err error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var node yaml.Node
		switch err := d.Decode(&node); {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil && json.Valid(text): // with characters that JSON writes as two escapes, for instance
			value, err := decode(text)
			return []any{value}, err
		case err != nil:
			return nil, err
		}
		r := nodes{left: mostNodes}
		value, err := r.value(&node)
		if err != nil {
			return nil, err
		}
		if value != nil { // nothing, or nothing but comments, is no document
			documents = append(documents, value)
		}
	}
}

// mostNodes limits what aliases can blow up a text to.
const mostNodes = 1 << 20

type nodes struct {
	left  int
	depth int
}

func (r *nodes) value(n *yaml.Node) (any, error) {
	r.left--
	r.depth++
	defer func() { r.depth-- }()
	if r.left < 0 || r.depth > 1000 {
		return nil, fmt.Errorf("line %d: the document is too large", n.Line)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.value(n.Content[0])
	case yaml.AliasNode:
		return r.value(n.Alias)
	case yaml.SequenceNode:
		list := []any{}
		for _, element := range n.Content {
			value, err := r.value(element)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			if name.Kind != yaml.ScalarNode || name.Tag == "!!merge" {
				return nil, fmt.Errorf("line %d: the name of a member has to be a text", name.Line)
			}
			if _, ok := object[name.Value]; ok {
				return nil, fmt.Errorf("line %d: %q is there twice", name.Line, name.Value)
			}
			value, err := r.value(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			object[name.Value] = value
		}
		return object, nil
	}
	return scalar(n)
}

func scalar(n *yaml.Node) (any, error) {
	tag := n.ShortTag()
	if n.Style == 0 && tag == "!!str" && json.Valid([]byte(n.Value)) { // a number that no float64 can hold
		tag = "!!float"
	}
	switch tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		var value bool
		err := n.Decode(&value)
		return value, err
	case "!!int", "!!float":
		if number := json.Number(n.Value); json.Valid([]byte(n.Value)) {
			return number, nil
		}
		var value int64
		if err := n.Decode(&value); err == nil { // 0x1F, +5
			return json.Number(strconv.FormatInt(value, 10)), nil
		}
		return nil, fmt.Errorf("line %d: JSON has no number %s", n.Line, n.Value)
	}
	return n.Value, nil
}

// written is a body as it is written: the key alone in the place of each reference,
// which is read as an object of its key and link.
func written(value any) any {
	switch value := value.(type) {
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = written(element)
		}
		return list
	case map[string]any:
		meta, _ := value["meta"].(map[string]any)
		if _, ok := meta["href"].(string); ok && len(value) == 2 && value["key"] != nil {
			return value["key"]
		}
		object := make(map[string]any, len(value))
		for name, member := range value {
			object[name] = written(member)
		}
		return object
	}
	return value
}

// decode reads a body from JSON.
func decode(body json.RawMessage) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// text is a value in YAML, with its members sorted; empty for nil, where there is nothing.
func text(value any) string {
	if value == nil {
		return ""
	}
	y, err := output.YAML(value)
	if err != nil { // it came from YAML or JSON
		return fmt.Sprintln(value)
	}
	return y
}

// unified shows the difference between two bodies; nil stands for nothing there.
func unified(path string, before, after any) string {
	was, is := path, path
	if before == nil {
		was = "/dev/null"
	}
	if after == nil {
		is = "/dev/null"
	}
	d := diff.Diff(output.Clean(was), []byte(text(before)), output.Clean(is), []byte(text(after)))
	_, d, _ = bytes.Cut(d, []byte("\n")) // which says "diff"
	return string(d)
}
